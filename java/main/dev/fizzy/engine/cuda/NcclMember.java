package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaEventCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaEventDestroy;
import static org.bytedeco.cuda.global.cudart.cudaEventDisableTiming;
import static org.bytedeco.cuda.global.cudart.cudaEventRecord;
import static org.bytedeco.cuda.global.cudart.cudaStreamCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cudaStreamNonBlocking;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;
import static org.bytedeco.cuda.global.cudart.cudaStreamWaitEvent;
import static org.bytedeco.cuda.global.nccl.ncclAllReduce;
import static org.bytedeco.cuda.global.nccl.ncclAvg;
import static org.bytedeco.cuda.global.nccl.ncclCommAbort;
import static org.bytedeco.cuda.global.nccl.ncclCommDestroy;
import static org.bytedeco.cuda.global.nccl.ncclCommFinalize;
import static org.bytedeco.cuda.global.nccl.ncclCommInitRank;
import static org.bytedeco.cuda.global.nccl.ncclFloat32;
import static org.bytedeco.cuda.global.nccl.ncclGetErrorString;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.op.AllReduce;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.nccl.ncclComm;
import org.bytedeco.cuda.nccl.ncclUniqueId;
import org.bytedeco.javacpp.FloatPointer;

/**
 * A device's membership of a group. Collectives are captured with the rest of a stage, and NCCL
 * destroys a communicator only when no graph uses it any more. So an abort waits, in its own
 * thread, until the aborted rank has freed its program.
 */
final class NcclMember {
  /** How long an abort waits for a rank inside NCCL to return by itself. */
  private static final long PATIENCE_SECONDS = 2;

  private static final long LEAVE_SECONDS = 20;

  private final ncclComm communicator = new ncclComm();
  private final NcclGroup group;
  private final CUstream_st side = new CUstream_st();
  private final CUevent_st reached = new CUevent_st();
  private final ReentrantLock inside = new ReentrantLock();
  private volatile boolean ended;
  private Thread aborting;

  /** For the calling thread's device; waits for the other ranks. */
  NcclMember(NcclGroup group, ncclUniqueId id, int rank) {
    this.group = group;
    int ranks = group.ranks();
    check(ncclCommInitRank(communicator, ranks, id, rank), "joining " + ranks + " GPUs");
    Cuda.check(cudaStreamCreateWithFlags(side, cudaStreamNonBlocking), "making a stream");
    Cuda.check(cudaEventCreateWithFlags(reached, cudaEventDisableTiming), "making an event");
  }

  static void check(int status, String what) {
    if (status != 0) {
      throw new EngineException(
          what + ": NCCL says " + ncclGetErrorString(status).getString() + "; see NCCL_DEBUG=INFO");
    }
  }

  int ranks() {
    return group.ranks();
  }

  /**
   * A bucket is averaged on a stream of its own, which waits for the gradients; the device's stream
   * waits for it at the last bucket.
   */
  Kernel allReduce(AllReduce o, CUstream_st stream) {
    return at -> {
      List<Parameters.Span> spans = neighbors(o.parameters(), at);
      FloatPointer[] gradients =
          spans.stream().map(s -> at.region(Region.GRADIENTS, s)).toArray(FloatPointer[]::new);
      long[] counts = spans.stream().mapToLong(Parameters.Span::elements).toArray();
      FloatPointer[] scalars = o.scalars().stream().map(at::f32).toArray(FloatPointer[]::new);
      return () -> {
        order(stream, side);
        for (int i = 0; i < gradients.length; i++) {
          average(gradients[i], counts[i], side);
        }
        for (int i = 0; i < scalars.length; i++) {
          average(scalars[i], 1, side);
        }
        if (o.last()) {
          order(side, stream);
        }
      };
    };
  }

  /** The parts of the regions that hold these parameters. */
  private static List<Parameters.Span> neighbors(List<Parameter> parameters, Kernel.Addresses at) {
    List<Parameters.Span> spans =
        parameters.stream()
            .map(p -> at.span(List.of(p)))
            .sorted(Comparator.comparingLong(Parameters.Span::offset))
            .toList();
    Deque<Parameters.Span> joined = new ArrayDeque<>();
    for (Parameters.Span next : spans) {
      Parameters.Span last = joined.peekLast();
      if (last != null && last.offset() + last.elements() == next.offset()) {
        next = new Parameters.Span(last.offset(), last.elements() + next.elements());
        joined.removeLast();
      }
      joined.addLast(next);
    }
    return List.copyOf(joined);
  }

  /** Makes one stream wait for what has been submitted to the other so far. */
  private void order(CUstream_st first, CUstream_st then) {
    Cuda.check(cudaEventRecord(reached, first), "ordering streams");
    Cuda.check(cudaStreamWaitEvent(then, reached, 0), "ordering streams");
  }

  private void average(FloatPointer values, long count, CUstream_st stream) {
    inside.lock();
    try {
      if (ended) {
        throw NcclGroup.dissolved();
      }
      check(
          ncclAllReduce(values, values, count, ncclFloat32, ncclAvg, communicator, stream),
          "averaging gradients");
    } finally {
      inside.unlock();
    }
  }

  /** Ends the collectives that are waiting on the device; returns immediately. */
  synchronized void abort() {
    if (ended) {
      return;
    }
    ended = true;
    aborting = new Thread(this::endNow, "nccl-abort");
    aborting.setDaemon(true);
    aborting.start();
  }

  private void endNow() {
    try {
      if (inside.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        inside.unlock(); // later callers see that it has ended
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ncclCommAbort(communicator);
  }

  /**
   * Ends the membership with the other ranks: in NCCL either all ranks destroy their communicators
   * or all abort them, and a rank that does so alone waits forever. The program must already have
   * been freed.
   *
   * @param failed whether the device has failed, so that all ranks abort
   */
  void close(boolean failed) {
    cudaStreamSynchronize(side); // a step that failed may have left collectives there
    end(failed);
    cudaStreamDestroy(side);
    cudaEventDestroy(reached);
  }

  private void end(boolean failed) {
    if (!failed && group.leave()) {
      ended = true;
      ncclCommFinalize(communicator);
      ncclCommDestroy(communicator);
      return;
    }
    group.abort();
    Thread ending;
    synchronized (this) {
      ending = aborting;
    }
    try {
      ending.join(TimeUnit.SECONDS.toMillis(LEAVE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
