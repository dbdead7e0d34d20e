package dev.capsule.sidecar.crash;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A sidecar that is killed at a commit of its journal: which one, on which side of it, and who is
 * killed, says the first line of a plan, which it takes out: {@code "3 before sidecar"}. Without a
 * line it lives. It is the real one but for two calls in the method that commits.
 */
public final class CrashingSidecar {
  /** Of the environment: the file with the plan. */
  static final String PLAN = "CAPSULE_TEST_CRASHES";

  private static final String OURS = "dev.capsule.";
  private static final String COMMITS = "dev.capsule.sidecar.journal.Database";
  private static final String METHOD = "execute";
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static int commit;
  private static boolean before;
  private static String who = "";

  private CrashingSidecar() {}

  /** Starts it. */
  public static void main(String[] args) throws ReflectiveOperationException, IOException {
    Path plan = Path.of(System.getenv(PLAN));
    List<String> lines = lines(plan);
    if (!lines.isEmpty()) {
      Files.write(plan, lines.subList(1, lines.size()));
      String[] words = lines.getFirst().split(" ", -1);
      commit = Integer.parseInt(words[0]);
      before = words[1].equals("before");
      who = words[2];
    }
    new Loader()
        .loadClass("dev.capsule.sidecar.Main")
        .getMethod("main", String[].class)
        .invoke(null, (Object) args);
  }

  private static List<String> lines(Path plan) throws IOException {
    try {
      return Files.readAllLines(plan);
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** Called by the journal before it executes a statement. */
  public static void before(String sql) {
    if (sql.equals("COMMIT") && COUNT.incrementAndGet() == commit && before) {
      crash();
    }
  }

  /** Called by the journal after it has executed a statement. */
  public static void after(String sql) {
    if (sql.equals("COMMIT") && COUNT.get() == commit && !before) {
      crash();
    }
  }

  private static void crash() {
    if (!who.equals("sidecar")) {
      boolean _ = ProcessHandle.current().parent().orElseThrow().destroyForcibly();
    }
    if (!who.equals("host")) {
      Runtime.getRuntime().halt(137); // nothing of ours runs after it, as with kill -9
    }
  }

  /** Loads the sidecar's classes itself, so that it can put the calls in. */
  private static final class Loader extends ClassLoader {
    Loader() {
      super(CrashingSidecar.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(OURS) || name.startsWith(CrashingSidecar.class.getName())) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        if (known != null) {
          return known;
        }
        byte[] bytes = bytes(name);
        byte[] code = name.equals(COMMITS) ? watched(bytes) : bytes;
        return defineClass(name, code, 0, code.length);
      }
    }

    private byte[] bytes(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in != null) {
          return in.readAllBytes();
        }
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
      throw new ClassNotFoundException(name);
    }

    private static byte[] watched(byte[] bytes) {
      ClassFile classes = ClassFile.of();
      return classes.transformClass(
          classes.parse(bytes),
          ClassTransform.transformingMethodBodies(
              method -> method.methodName().equalsString(METHOD), new Watch()));
    }
  }

  private static final class Watch implements CodeTransform {
    private static final ClassDesc HERE = ClassDesc.of(CrashingSidecar.class.getName());
    private static final MethodTypeDesc TEXT =
        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);

    @Override
    public void atStart(CodeBuilder code) {
      code.aload(1).invokestatic(HERE, "before", TEXT);
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      if (element instanceof ReturnInstruction) {
        code.aload(1).invokestatic(HERE, "after", TEXT);
      }
      code.with(element);
    }
  }
}
