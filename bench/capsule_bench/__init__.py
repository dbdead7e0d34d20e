"""Benchmarks of Capsule beside its peer and bare Python."""
