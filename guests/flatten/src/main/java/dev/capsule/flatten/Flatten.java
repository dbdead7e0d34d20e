package dev.capsule.flatten;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * Merges the core modules of a component that componentize-py made into one, and adds the export
 * {@code memory-pages: func() -> u32}. Imports, exports and behaviour are otherwise the same;
 * creating an instance is several times as fast.
 *
 * <p>Usage: {@code java -cp capsule-flatten.jar dev.capsule.flatten.Flatten IN.wasm OUT.wasm}. Exit
 * status: 0 done, 1 the input cannot be flattened or a file not be read or written, 2 usage. OUT is
 * written whole or not at all.
 */
public final class Flatten {
  private Flatten() {}

  /** A flattened component and what became of the parts of the old one. */
  record Result(Slice component, Summary summary) {}

  /**
   * Counts of items.
   *
   * @param modules core instances that were merged
   * @param functions functions that they had
   * @param kept functions that the merged module has of these
   * @param imports functions that it imports
   * @param globals globals that it has; the others were constants
   * @param types function types that it has
   * @param stubs functions that only passed calls on, and are called no more
   */
  record Summary(
      int modules, int functions, int kept, int imports, int globals, int types, int stubs) {}

  /**
   * Flattens a component.
   *
   * @throws FlattenException if it is damaged or of an unknown shape
   */
  static Result flatten(byte[] file) {
    Component component = ComponentReader.read(file);
    Scaffold scaffold = Scaffold.find(component);
    InstanceGraph graph = new InstanceGraph(component, scaffold);
    Map<Integer, Entity.Defined> needed = Needs.find(component, scaffold, graph);
    Stubs stubs = Stubs.find(graph, Liveness.find(graph, Stubs.none(), needed.values()));
    Liveness live = Liveness.find(graph, stubs, needed.values());
    Layout layout = new Layout(graph, stubs, live);
    MergedModule merged = CoreModuleWriter.write(graph, live, layout, needed);
    Summary summary =
        new Summary(
            graph.merged().size(),
            graph.merged().stream().mapToInt(i -> graph.module(i).functions().size()).sum(),
            layout.functions().size(),
            layout.imports().size(),
            layout.globals().size(),
            layout.types().size(),
            stubs.count());
    return new Result(ComponentWriter.write(component, scaffold, merged), summary);
  }

  public static void main(String[] args) {
    System.exit(run(args));
  }

  static int run(String[] args) {
    if (args.length != 2) {
      System.err.println("usage: Flatten IN.wasm OUT.wasm");
      return 2;
    }
    Path in = Path.of(args[0]);
    Path out = Path.of(args[1]);
    try {
      Result result = flatten(Files.readAllBytes(in));
      writeWhole(out, result.component().toByteArray());
      System.out.println(describe(result));
      return 0;
    } catch (FlattenException e) {
      System.err.println("flatten: " + in + ": " + e.getMessage());
    } catch (IOException e) {
      System.err.println("flatten: " + e);
    }
    return 1;
  }

  private static void writeWhole(Path out, byte[] bytes) throws IOException {
    Path unfinished = out.resolveSibling(out.getFileName() + ".unfinished");
    try {
      Files.write(unfinished, bytes);
      Files.move(unfinished, out, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static String describe(Result result) {
    Summary s = result.summary();
    return ("merged %d core instances: %d of %d functions, %d imports, %d globals, %d types, "
            + "%d stubs bypassed; %d bytes")
        .formatted(
            s.modules,
            s.kept,
            s.functions,
            s.imports,
            s.globals,
            s.types,
            s.stubs,
            result.component().size());
  }
}
