package dev.capsule.sidecar.sandbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SequencedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * So many sandboxes may exist at once; whoever finds no place waits in line. Those that wait for
 * nested tasks keep theirs, so each depth of nesting has a few places that no other depth can take:
 * tasks at the greatest depth call no others and come to their end, hence so do those above them,
 * and nobody waits for ever. A free place goes to the tree of tasks that holds the fewest, so that
 * one with ten thousand waiting does not come before another with one; within a tree the deepest
 * come first, because others wait for them.
 *
 * @param <T> who takes places
 */
final class Places<T extends Places.Taker> {
  /** Who takes a place. */
  interface Taker {
    /** What it belongs to. */
    Object tree();

    /** How many tasks, each waiting for the next, wait for it. */
    int depth();
  }

  private final int reserved;
  private final int[] taken;
  private final Map<Object, Integer> holding = new HashMap<>();
  private final Map<Object, TreeMap<Integer, SequencedSet<T>>> waiting = new LinkedHashMap<>();
  private int common;

  /**
   * @param places how many there are
   * @param depths how many depths there are, from 0
   * @throws IllegalArgumentException if there is not one place for each depth
   */
  Places(int places, int depths) {
    if (places < depths) {
      throw new IllegalArgumentException(
          places + " places are too few for " + depths + " depths of nesting");
    }
    this.reserved = Math.max(1, places / (8 * depths));
    this.taken = new int[depths];
    this.common = places - depths * reserved;
  }

  /** Takes a place; false: it waits in line now, and {@link #leave} will name it. */
  synchronized boolean take(T taker) {
    if (hasRoom(taker.depth())) {
      occupy(taker);
      return true;
    }
    var _ =
        waiting
            .computeIfAbsent(taker.tree(), tree -> new TreeMap<>())
            .computeIfAbsent(taker.depth(), depth -> new LinkedHashSet<>())
            .add(taker);
    return false;
  }

  /** Takes it out of the line; false if it is not in it. */
  synchronized boolean withdraw(T taker) {
    return remove(taker);
  }

  /**
   * Gives a place back.
   *
   * @return who has one in its stead
   */
  synchronized List<T> leave(T taker) {
    if (taken[taker.depth()]-- > reserved) {
      common++;
    }
    holding.computeIfPresent(taker.tree(), (tree, count) -> count == 1 ? null : count - 1);
    List<T> next = new ArrayList<>();
    for (T waiter = next(); waiter != null; waiter = next()) {
      var _ = remove(waiter);
      occupy(waiter);
      next.add(waiter);
    }
    return next;
  }

  private boolean hasRoom(int depth) {
    return taken[depth] < reserved || common > 0;
  }

  private void occupy(T taker) {
    if (++taken[taker.depth()] > reserved) {
      common--;
    }
    holding.merge(taker.tree(), 1, Integer::sum);
  }

  private boolean remove(T taker) {
    TreeMap<Integer, SequencedSet<T>> ofTree = waiting.get(taker.tree());
    SequencedSet<T> line = ofTree == null ? null : ofTree.get(taker.depth());
    if (ofTree == null || line == null || !line.remove(taker)) {
      return false;
    }
    if (line.isEmpty()) {
      ofTree.remove(taker.depth());
      if (ofTree.isEmpty()) {
        waiting.remove(taker.tree());
      }
    }
    return true;
  }

  private @Nullable T next() {
    T next = null;
    int fewest = Integer.MAX_VALUE;
    for (Map.Entry<Object, TreeMap<Integer, SequencedSet<T>>> tree : waiting.entrySet()) {
      int held = holding.getOrDefault(tree.getKey(), 0);
      if (held < fewest) {
        T first = firstWithRoom(tree.getValue());
        if (first != null) {
          next = first;
          fewest = held;
          if (held == 0) {
            break;
          }
        }
      }
    }
    return next;
  }

  private @Nullable T firstWithRoom(NavigableMap<Integer, SequencedSet<T>> ofTree) {
    for (Map.Entry<Integer, SequencedSet<T>> line : ofTree.descendingMap().entrySet()) {
      if (hasRoom(line.getKey())) {
        return line.getValue().getFirst();
      }
    }
    return null;
  }
}
