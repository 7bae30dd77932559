package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.nccl.ncclGetUniqueId;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Group;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.cuda.nccl.ncclUniqueId;

/** GPUs of one machine, connected by NCCL. */
final class NcclGroup implements Group {
  /** How long a rank that leaves waits for the others. */
  private static final long LEAVE_SECONDS = 20;

  private final int[] ordinals;
  private final ncclUniqueId id = new ncclUniqueId();
  private final List<NcclMember> members = new ArrayList<>();
  private int arrived;
  private int leaving;
  private boolean aborted;
  private boolean left;
  private Runnable whenLeft = () -> {};

  NcclGroup(int... ordinals) {
    this.ordinals = ordinals.clone();
    for (int ordinal : ordinals) {
      CudaInfo.of(ordinal).checkCapability(); // before any rank waits for the others
    }
    NcclMember.check(ncclGetUniqueId(id), "making a group");
  }

  @Override
  public int ranks() {
    return ordinals.length;
  }

  @Override
  public Device open(int rank) {
    try {
      return CudaDevice.open(ordinals[rank], () -> join(rank));
    } catch (RuntimeException | Error e) {
      abort();
      throw e;
    }
  }

  private NcclMember join(int rank) {
    meet();
    NcclMember member = new NcclMember(this, id, rank);
    boolean late;
    synchronized (this) {
      members.add(member);
      late = aborted;
    }
    if (late) {
      member.abort();
    }
    return member;
  }

  /** Waits for all ranks in Java, since a wait inside NCCL cannot be interrupted. */
  private synchronized void meet() {
    arrived++;
    notifyAll();
    try {
      while (arrived < ordinals.length && !aborted) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted", e);
    }
    if (aborted) {
      throw dissolved();
    }
  }

  @Override
  public synchronized void whenLeft(Runnable action) {
    whenLeft = action;
  }

  /**
   * Waits until all ranks want to leave, since all must end their communicators in the same way;
   * false if they must abort them.
   */
  boolean leave() {
    whenLeft.run();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LEAVE_SECONDS);
    synchronized (this) {
      leaving++;
      notifyAll();
      try {
        for (long rest = 1; leaving < ordinals.length && !aborted && rest > 0; ) {
          rest = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
          wait(Math.max(1, rest));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      aborted |= leaving < ordinals.length; // a rank that comes later must abort too
      left |= !aborted;
      return left;
    }
  }

  static EngineException dissolved() {
    return new EngineException("another GPU that trained with this one has failed");
  }

  @Override
  public void abort() {
    List<NcclMember> all;
    synchronized (this) {
      if (left) {
        return; // all ranks are ending
      }
      aborted = true;
      notifyAll();
      all = List.copyOf(members);
    }
    all.forEach(NcclMember::abort);
  }
}
