package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in a folder goes, and nothing else. */
class FolderTreeTest {
  @TempDir Path parent;
  private Path tree = Path.of("unset");
  private Path outside = Path.of("unset");

  @BeforeEach
  void makeFolders() throws IOException {
    tree = Files.createDirectory(parent.resolve("tree"));
    outside = Files.createDirectory(parent.resolve("outside"));
    Files.writeString(outside.resolve("kept"), "kept");
  }

  private void assertGone() throws IOException {
    FolderTree.remove(tree);
    assertThat(tree).doesNotExist();
    assertThat(outside.resolve("kept")).hasContent("kept");
  }

  @Test
  void filesAndFolders() throws IOException {
    Files.createDirectories(tree.resolve("a/b/c"));
    Files.createDirectories(tree.resolve("a/d"));
    for (String file : new String[] {"1", "a/2", "a/b/3", "a/b/c/4", ".hidden", "a\nb", "ü"}) {
      Files.writeString(tree.resolve(file), "x");
    }
    assertGone();
    FolderTree.remove(tree); // and again: it is gone
  }

  @Test
  void linksAreNotFollowed() throws IOException {
    Files.createDirectories(tree.resolve("a/b"));
    for (String link : new String[] {"link", "a/link", "a/b/link"}) {
      Files.createSymbolicLink(tree.resolve(link), outside);
    }
    Files.createSymbolicLink(tree.resolve("to-file"), outside.resolve("kept"));
    Files.createSymbolicLink(tree.resolve("a/to-itself"), tree);
    Files.createLink(tree.resolve("a/hard"), outside.resolve("kept"));
    assertGone();
  }

  /** Deeper than a path can be long, and than a stack is. */
  @Test
  void aVeryDeepTree() throws IOException {
    Path chain = Files.createDirectory(parent.resolve("chain"));
    for (int i = 0; i < 5000; i++) {
      Path around = Files.createDirectory(parent.resolve("around"));
      Files.writeString(around.resolve("file"), "x");
      Files.move(chain, around.resolve("inner"));
      chain = Files.move(around, parent.resolve("chain"));
    }
    Files.move(chain, tree.resolve("chain"));
    assertGone();
  }

  @Test
  void namesThatFoldersWouldBeMovedTo() throws IOException {
    for (int i = 0; i < 5; i++) {
      Files.createDirectories(tree.resolve("raised-" + i + "/raised-0/raised-1"));
      Files.writeString(tree.resolve("raised-" + i + "/raised-2"), "x");
      Files.writeString(tree.resolve("raised-" + (i + 5)), "x");
    }
    assertGone();
  }

  @Test
  void manyFiles() throws IOException {
    for (int i = 0; i < 3000; i++) {
      Files.createFile(tree.resolve("file" + i));
      if (i % 10 == 0) {
        Files.createDirectories(tree.resolve("folder" + i + "/inner"));
      }
    }
    assertGone();
  }

  @Test
  void emptyOrNot() throws IOException {
    assertThat(FolderTree.isEmpty(tree)).isTrue();
    Files.createSymbolicLink(tree.resolve("link"), Path.of("nowhere"));
    assertThat(FolderTree.isEmpty(tree)).isFalse();
  }
}
