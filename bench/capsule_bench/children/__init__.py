"""Programs that are measured, each a process of its own: both Capsule and its peer are a package named capsule."""
