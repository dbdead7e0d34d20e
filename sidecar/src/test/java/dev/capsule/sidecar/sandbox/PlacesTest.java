package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets a sandbox when there are not enough. */
class PlacesTest {
  private record Taker(Object tree, int depth, String name) implements Places.Taker {}

  private static Taker taker(String tree, int depth) {
    return new Taker(tree, depth, tree + depth + "-" + System.nanoTime());
  }

  @Test
  void thereAreAsManyAsThereAre() {
    Places<Taker> places = new Places<>(10, 2); // one for each depth, eight for any
    int taken = 0;
    while (places.take(taker("a", 0))) {
      taken++;
    }
    assertThat(taken).as("one is left for depth 1").isEqualTo(9);
    assertThat(places.take(taker("a", 1))).isTrue();
    assertThat(places.take(taker("a", 1))).isFalse();
  }

  @Test
  void aPlaceThatIsLeftGoesToWhoWaits() {
    Places<Taker> places = new Places<>(2, 2);
    Taker first = taker("a", 0);
    Taker second = taker("a", 0);
    assertThat(places.take(first)).isTrue();
    assertThat(places.take(second)).isFalse();
    assertThat(places.leave(first)).containsExactly(second);
    assertThat(places.leave(second)).isEmpty();
    assertThat(places.take(first)).isTrue();
  }

  @Test
  void whoIsWithdrawnGetsNone() {
    Places<Taker> places = new Places<>(2, 2);
    Taker first = taker("a", 0);
    Taker second = taker("a", 0);
    Taker third = taker("a", 0);
    places.take(first);
    places.take(second);
    places.take(third);
    assertThat(places.withdraw(second)).isTrue();
    assertThat(places.withdraw(second)).isFalse();
    assertThat(places.withdraw(first)).as("it does not wait").isFalse();
    assertThat(places.leave(first)).containsExactly(third);
  }

  @Test
  void aTreeWithThousandsWaitingDoesNotComeBeforeAnother() {
    Places<Taker> places = new Places<>(20, 2);
    List<Taker> holding = new ArrayList<>();
    Taker busy = taker("busy", 0);
    while (places.take(busy)) {
      holding.add(busy);
      busy = taker("busy", 0);
    }
    for (int i = 0; i < 5_000; i++) {
      places.take(taker("busy", 0));
    }
    Taker other = taker("other", 0);
    assertThat(places.take(other)).isFalse();
    assertThat(places.leave(holding.getFirst())).containsExactly(other);
  }

  @Test
  void theDeepestOfATreeComeFirst() {
    Places<Taker> places = new Places<>(20, 3);
    List<Taker> holding = new ArrayList<>();
    Taker any = taker("a", 2);
    while (places.take(any)) {
      holding.add(any);
      any = taker("a", 2);
    }
    places.withdraw(any);
    for (int depth : new int[] {0, 1}) {
      while (places.take(taker("a", depth))) {
        assertThat(depth).isLessThan(2);
      }
    }
    Taker shallow = taker("a", 0);
    Taker deep = taker("a", 2);
    assertThat(places.take(shallow)).isFalse();
    assertThat(places.take(deep)).isFalse();
    assertThat(places.leave(holding.getFirst())).containsExactly(deep);
  }

  @Test
  void eachDepthHasAPlace() {
    assertThatThrownBy(() -> new Places<>(16, 17))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16 places are too few for 17 depths");
  }

  /**
   * Every task that has a place calls others and keeps its place until they have ended; whatever
   * order that takes, all end. Without the places kept for each depth, those above would take all.
   */
  @ParameterizedTest
  @CsvSource({"17, 2", "20, 3", "100, 3", "1000, 3"})
  void nestedTasksNeverWaitForEachOtherForEver(int count, int fanOut) {
    int deepest = 16;
    Places<Node> places = new Places<>(count, deepest + 1);
    Queue<Node> ready = new ArrayDeque<>();
    int left = 0;
    for (int root = 0; root < 2_000; root++) {
      Node node = new Node(root, 0, null);
      left++;
      if (places.take(node)) {
        ready.add(node);
      }
    }
    int calls = 20_000;
    while (!ready.isEmpty()) {
      Node node = ready.remove();
      if (node.depth < deepest && calls > 0) {
        for (int i = 0; i < fanOut; i++) {
          Node child = new Node(node.tree, node.depth + 1, node);
          node.open++;
          calls--;
          left++;
          if (places.take(child)) {
            ready.add(child);
          }
        }
      }
      for (Node done = node; done != null && done.open == 0; done = done.caller) {
        left--;
        ready.addAll(places.leave(done));
        if (done.caller != null) {
          done.caller.open--;
        }
      }
    }
    assertThat(left).as("tasks that wait for ever").isZero();
  }

  private static final class Node implements Places.Taker {
    final Object tree;
    final int depth;
    final @Nullable Node caller;
    int open;

    Node(Object tree, int depth, @Nullable Node caller) {
      this.tree = tree;
      this.depth = depth;
      this.caller = caller;
    }

    @Override
    public Object tree() {
      return tree;
    }

    @Override
    public int depth() {
      return depth;
    }
  }
}
