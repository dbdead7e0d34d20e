import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Copies a jar, and gives classes of old versions a newer one with the stack maps that it needs. The
 * JVM keeps no class from before Java 6 in an AOT cache, and verifies it slowly at each start: the
 * command line's own parser is of that kind. What is in a folder of the jar that is named, too, is left
 * out.
 */
final class ModernClasses {
  /** Of Java 17: no newer than needed, so that nothing but the form changes. */
  private static final int VERSION = ClassFile.JAVA_17_VERSION;

  private static final int FIRST_WITH_STACK_MAPS = ClassFile.JAVA_6_VERSION;

  private ModernClasses() {}

  public static void main(String[] args) throws IOException {
    try (JarFile from = new JarFile(Path.of(args[0]).toFile());
        JarOutputStream to = new JarOutputStream(Files.newOutputStream(Path.of(args[1])))) {
      ClassFile classes =
          ClassFile.of(
              StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(type -> resource(from, type))
                      .orElse(ClassHierarchyResolver.defaultResolver())
                      .cached()));
      for (Enumeration<JarEntry> all = from.entries(); all.hasMoreElements(); ) {
        JarEntry entry = all.nextElement();
        if (args.length > 2 && entry.getName().startsWith(args[2])) {
          continue;
        }
        JarEntry copy = new JarEntry(entry.getName());
        copy.setTime(entry.getTime());
        to.putNextEntry(copy);
        byte[] bytes = from.getInputStream(entry).readAllBytes();
        to.write(entry.getName().endsWith(".class") ? modern(classes, bytes) : bytes);
        to.closeEntry();
      }
    }
  }

  private static InputStream resource(JarFile jar, ClassDesc type) {
    String descriptor = type.descriptorString();
    JarEntry entry =
        jar.getJarEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
    try {
      return entry == null ? null : jar.getInputStream(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] modern(ClassFile classes, byte[] bytes) {
    ClassModel model = classes.parse(bytes);
    if (model.majorVersion() >= FIRST_WITH_STACK_MAPS) {
      return bytes;
    }
    ClassTransform version = ClassTransform.endHandler(builder -> builder.withVersion(VERSION, 0));
    // bodies that are only copied would get no stack maps
    ClassTransform bodies = ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL);
    return classes.transformClass(model, bodies.andThen(version));
  }
}
