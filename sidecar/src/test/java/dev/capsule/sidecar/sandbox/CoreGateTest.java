package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How cores are shared out. The time limit ends a test in which a core or a wake-up is lost. */
@Timeout(60)
class CoreGateTest {
  private static final Object BUSY = "busy";
  private static final Object OTHER = "other";

  @Test
  void noMoreEnterThanThereAreCores() throws InterruptedException {
    CoreGate gate = new CoreGate(2);
    List<String> entered = Collections.synchronizedList(new ArrayList<>());
    for (String name : List.of("a", "b", "c")) {
      gate.enter(name, () -> entered.add(name));
    }
    assertThat(entered).containsExactly("a", "b");
    gate.leave("a");
    assertThat(entered).containsExactly("a", "b", "c");
  }

  @Test
  void aTreeWithAThousandDelaysAnotherByOneTurn() {
    CoreGate gate = new CoreGate(1);
    List<Object> order = new ArrayList<>();
    gate.enter(BUSY, () -> order.add(BUSY));
    for (int i = 0; i < 1000; i++) {
      gate.enter(BUSY, () -> order.add(BUSY));
    }
    gate.enter(OTHER, () -> order.add(OTHER));
    gate.enter(OTHER, () -> order.add(OTHER));
    for (int i = 0; i < 4; i++) {
      gate.leave(order.getLast());
    }
    assertThat(order.subList(0, 5)).containsExactly(BUSY, BUSY, OTHER, BUSY, OTHER);
  }

  @Test
  void aFreeCoreGoesToTheTreeThatHoldsTheFewest() {
    CoreGate gate = new CoreGate(3);
    List<Object> order = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      gate.enter(BUSY, () -> order.add(BUSY));
    }
    gate.enter(OTHER, () -> order.add(OTHER));
    gate.enter(OTHER, () -> order.add(OTHER));
    gate.leave(BUSY); // busy holds two, other none
    gate.leave(BUSY); // one and one: whoever waited longest
    assertThat(order.subList(3, 5)).containsExactly(OTHER, BUSY);
  }

  @Test
  void whoGivesWayWaitsBehindTheOthers() throws InterruptedException {
    CoreGate gate = new CoreGate(1);
    gate.enter(BUSY);
    gate.giveWay(BUSY); // nobody waits: it keeps the core
    CountDownLatch otherIsIn = new CountDownLatch(1);
    gate.enter(OTHER, otherIsIn::countDown);
    AtomicInteger turns = new AtomicInteger();
    Thread spinning =
        Thread.ofPlatform()
            .start(() -> {
              try {
                gate.giveWay(BUSY);
                turns.incrementAndGet();
              } catch (InterruptedException e) {
                turns.set(-1);
              }
            });
    otherIsIn.await();
    assertThat(turns).hasValue(0);
    gate.leave(OTHER);
    spinning.join();
    assertThat(turns).hasValue(1);
  }

  @Test
  void whoIsInterruptedHoldsNoCoreAndLeavesNoGap() throws InterruptedException {
    CoreGate gate = new CoreGate(1);
    gate.enter(BUSY);
    AtomicInteger interrupted = new AtomicInteger();
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waiting.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  gate.enter(OTHER);
                } catch (InterruptedException e) {
                  interrupted.incrementAndGet();
                }
              }));
    }
    for (Thread thread : waiting) {
      thread.interrupt();
      thread.join();
    }
    assertThat(interrupted).hasValue(10);
    CountDownLatch next = new CountDownLatch(1);
    gate.enter(OTHER, next::countDown);
    gate.leave(BUSY);
    next.await();
  }

  @Test
  void workThatIsWithdrawnDoesNotBegin() {
    CoreGate gate = new CoreGate(1);
    List<String> begun = new ArrayList<>();
    CoreGate.WaitingWork first = gate.enter(BUSY, () -> begun.add("first"));
    CoreGate.WaitingWork second = gate.enter(OTHER, () -> begun.add("second"));
    CoreGate.WaitingWork third = gate.enter(OTHER, () -> begun.add("third"));
    assertThat(gate.withdraw(BUSY, first)).as("it has begun").isFalse();
    assertThat(gate.withdraw(OTHER, second)).isTrue();
    assertThat(gate.withdraw(OTHER, second)).isFalse();
    gate.leave(BUSY);
    assertThat(begun).containsExactly("first", "third");
    assertThat(gate.withdraw(OTHER, third)).isFalse();
  }

  /** Trees of threads that enter, give way, leave and are interrupted at random. */
  @Test
  void noCoreIsLostOrInventedUnderStress() throws InterruptedException {
    int cores = 3;
    CoreGate gate = new CoreGate(cores);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicLong rounds = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 16; t++) {
      Object tree = "tree" + t % 5;
      Random random = new Random(t);
      threads.add(
          Thread.ofPlatform()
              .unstarted(() -> {
                for (int round = 0; round < 3_000; round++) {
                  try {
                    gate.enter(tree);
                  } catch (InterruptedException e) {
                    continue;
                  }
                  boolean holds = true;
                  for (int i = random.nextInt(3); i > 0 && holds; i--) {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    inside.decrementAndGet();
                    try {
                      gate.giveWay(tree);
                    } catch (InterruptedException e) {
                      holds = false;
                    }
                  }
                  if (holds) {
                    gate.leave(tree);
                  }
                  rounds.incrementAndGet();
                }
              }));
    }
    threads.forEach(Thread::start);
    Random random = new Random(99);
    while (threads.stream().anyMatch(Thread::isAlive)) {
      threads.get(random.nextInt(threads.size())).interrupt();
      Thread.onSpinWait();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most.get()).isLessThanOrEqualTo(cores);
    assertThat(rounds.get()).isPositive();
    AtomicInteger entered = new AtomicInteger();
    for (int i = 0; i < cores + 1; i++) {
      gate.enter("after", entered::incrementAndGet);
    }
    assertThat(entered).as("cores that are left").hasValue(cores);
  }
}
