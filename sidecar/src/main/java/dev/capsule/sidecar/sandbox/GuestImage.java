package dev.capsule.sidecar.sandbox;

import dev.capsule.wasmtime.Component;
import dev.capsule.wasmtime.Engine;
import dev.capsule.wasmtime.Export;
import dev.capsule.wasmtime.Linker;

/** A language's guest, compiled and ready to be instantiated. */
record GuestImage(
    Engine engine,
    Linker linker,
    Component component,
    Export run,
    Export compile,
    Export memoryPages)
    implements AutoCloseable {

  static GuestImage of(Engine engine, Component component) {
    Linker linker = new Linker(engine);
    linker.addWasi();
    HostImports.define(linker);
    return new GuestImage(
        engine,
        linker,
        component,
        component.export("run"),
        component.export("compile"),
        component.export("memory-pages"));
  }

  @Override
  public void close() {
    linker.close();
    component.close();
  }
}
