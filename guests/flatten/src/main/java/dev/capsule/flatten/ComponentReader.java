package dev.capsule.flatten;

import dev.capsule.flatten.Component.CoreFunction;
import dev.capsule.flatten.Component.CoreInstance;
import dev.capsule.flatten.Component.InstanceExport;
import dev.capsule.flatten.Component.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a component: takes the core part to pieces and keeps the sections of the component level as
 * they are. It follows the component model's <a
 * href="https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md">binary
 * format</a>.
 */
final class ComponentReader {
  /** Far more than a component has; keeps the resolution of names shallow. */
  private static final int MAX_CORE_INSTANCES = 1000;

  private final List<CoreModule> modules = new ArrayList<>();
  private final List<CoreInstance> instances = new ArrayList<>();
  private final List<CoreFunction> functions = new ArrayList<>();
  private final List<InstanceExport> tables = new ArrayList<>();
  private final List<InstanceExport> memories = new ArrayList<>();
  private final List<InstanceExport> globals = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private final ComponentIndexSpaces indexSpaces = new ComponentIndexSpaces();
  private boolean lifted;

  private ComponentReader() {}

  static Component read(byte[] file) {
    return new ComponentReader().read(new BinaryReader(file));
  }

  private Component read(BinaryReader in) {
    for (byte b : ComponentSection.PREAMBLE) {
      in.expect(b, "file: it is not a component of the supported version");
    }
    while (!in.atEnd()) {
      int at = in.position();
      section(in.u8(), in.sized(), at);
    }
    return new Component(
        modules,
        instances,
        functions,
        tables,
        memories,
        globals,
        parts,
        indexSpaces.types(),
        indexSpaces.functions(),
        indexSpaces.exports());
  }

  private void section(int id, Slice content, int at) {
    BinaryReader in = content.reader();
    switch (id) {
      case ComponentSection.CORE_MODULE -> {
        modules.add(CoreModuleReader.read(content));
        return;
      }
      case ComponentSection.CORE_INSTANCE -> {
        beforeLifts(at);
        in.vector(this::instance);
      }
      case ComponentSection.ALIAS -> aliases(in);
      case ComponentSection.CANONICAL -> canonicals(in);
      case ComponentSection.CUSTOM -> {
        custom(in, content);
        return;
      }
      case ComponentSection.COMPONENT -> {
        NestedComponent.requireSelfContained(in);
        parts.add(new Part.Section(id, content));
      }
      case ComponentSection.INSTANCE,
          ComponentSection.TYPE,
          ComponentSection.IMPORT,
          ComponentSection.EXPORT -> {
        indexSpaces.count(id, in);
        parts.add(new Part.Section(id, content));
        return;
      }
      default ->
          throw FlattenException.at(at, "unsupported section %d in a component".formatted(id));
    }
    in.expectEnd("section " + id);
  }

  /**
   * The core part is written as one piece in the place of the first lift, so it must end there.
   * Aliases may follow: they only name what is there.
   */
  private void beforeLifts(int at) {
    if (lifted) {
      throw FlattenException.at(at, "unsupported component: core part after a lifted function");
    }
  }

  private void custom(BinaryReader in, Slice content) {
    // It names items of the core index spaces, all of which change.
    if (!in.name().equals("component-name")) {
      parts.add(new Part.Section(ComponentSection.CUSTOM, content));
    }
  }

  private boolean instance(BinaryReader in) {
    int at = in.position();
    switch (in.u8()) {
      case 0x00 -> {
        int module = in.u32();
        Checked.get(modules, module, "core module");
        Map<String, Integer> arguments = new LinkedHashMap<>();
        in.vector(r -> put(arguments, r.name(), argument(r), at));
        instances.add(new CoreInstance.Instantiation(module, arguments));
      }
      case 0x01 -> {
        Map<String, CoreModule.Export> exports = new LinkedHashMap<>();
        in.vector(r -> put(exports, r.name(), export(r), at));
        instances.add(new CoreInstance.Bag(exports));
      }
      default -> throw FlattenException.at(at, "unsupported kind of core instance");
    }
    if (instances.size() > MAX_CORE_INSTANCES) {
      throw FlattenException.at(at, "more than " + MAX_CORE_INSTANCES + " core instances");
    }
    return true;
  }

  private static <T> boolean put(Map<String, T> map, String name, T value, int at) {
    if (map.put(name, value) != null) {
      throw FlattenException.at(at, "\"%s\" is given twice".formatted(name));
    }
    return true;
  }

  private int argument(BinaryReader in) {
    in.expect(ComponentSection.CORE_INSTANCE_SORT, "argument of a core instance");
    int instance = in.u32();
    Checked.get(instances, instance, "core instance");
    return instance;
  }

  private CoreModule.Export export(BinaryReader in) {
    ExternKind kind = ExternKind.read(in);
    int index = in.u32();
    List<?> space = kind == ExternKind.FUNCTION ? functions : space(kind);
    Checked.get(space, index, "core " + kind);
    return new CoreModule.Export(kind, index);
  }

  private List<InstanceExport> space(ExternKind kind) {
    return switch (kind) {
      case TABLE -> tables;
      case MEMORY -> memories;
      case GLOBAL -> globals;
      case FUNCTION -> throw new IllegalArgumentException("not all core functions are exports");
    };
  }

  private void aliases(BinaryReader in) {
    List<Slice> kept = new ArrayList<>();
    in.vector(r -> alias(r, kept));
    if (!kept.isEmpty()) {
      parts.add(new Part.Aliases(kept));
    }
  }

  private boolean alias(BinaryReader in, List<Slice> kept) {
    int start = in.position();
    int sort = in.u8();
    if (sort != ComponentSection.CORE_SORT) {
      kept.add(indexSpaces.alias(sort, in, start));
      return true;
    }
    ExternKind kind = ExternKind.read(in);
    in.expect(0x01, "alias of a core item");
    int instance = in.u32();
    Checked.get(instances, instance, "core instance");
    InstanceExport export = new InstanceExport(instance, in.name());
    if (kind == ExternKind.FUNCTION) {
      functions.add(new CoreFunction.Alias(export));
    } else {
      space(kind).add(export);
    }
    return true;
  }

  private void canonicals(BinaryReader in) {
    int at = in.position();
    List<Canonical.Lift> lifts = new ArrayList<>();
    for (Canonical canonical : in.vector(Canonical::read)) {
      if (canonical instanceof Canonical.Lift lift) {
        lifts.add(lift);
        indexSpaces.addFunction();
        lifted = true;
      } else {
        beforeLifts(at);
        functions.add(new CoreFunction.Builtin(canonical));
      }
      for (int function : canonical.optionFunctions()) {
        Checked.get(functions, function, "core function");
      }
    }
    if (!lifts.isEmpty()) {
      parts.add(new Part.Lifts(lifts));
    }
  }
}
