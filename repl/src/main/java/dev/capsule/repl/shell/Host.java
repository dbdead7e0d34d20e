package dev.capsule.repl.shell;

import dev.capsule.protocol.LoadProgramParams;

/** Reads what users write about their machine, as the command line does. */
public interface Host {
  /** A mount in the protocol's form, from {@code HOST[::GUEST][:ro|:rw]}. */
  String mount(String typed) throws Refused;

  /** Asks to load the program that a file holds. */
  LoadProgramParams program(String file) throws Refused;
}
