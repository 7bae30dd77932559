package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.nccl.ncclAllReduce;
import static org.bytedeco.cuda.global.nccl.ncclAvg;
import static org.bytedeco.cuda.global.nccl.ncclCommDestroy;
import static org.bytedeco.cuda.global.nccl.ncclCommInitRank;
import static org.bytedeco.cuda.global.nccl.ncclFloat32;
import static org.bytedeco.cuda.global.nccl.ncclGetErrorString;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.op.AllReduce;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.nccl.ncclComm;
import org.bytedeco.cuda.nccl.ncclUniqueId;
import org.bytedeco.javacpp.FloatPointer;

/** A device's place in a group. The collectives are captured with the rest of a stage. */
final class NcclMember implements AutoCloseable {
  private final ncclComm communicator = new ncclComm();
  private final int ranks;

  /** For the calling thread's device; waits for the other ranks. */
  NcclMember(ncclUniqueId id, int ranks, int rank) {
    this.ranks = ranks;
    check(ncclCommInitRank(communicator, ranks, id, rank), "joining " + ranks + " GPUs");
  }

  static void check(int status, String what) {
    if (status != 0) {
      throw new EngineException(
          what + ": NCCL says " + ncclGetErrorString(status).getString() + "; see NCCL_DEBUG=INFO");
    }
  }

  int ranks() {
    return ranks;
  }

  Kernel allReduce(AllReduce o, CUstream_st stream) {
    return at -> {
      FloatPointer gradients = at.region(Region.GRADIENTS);
      long n = at.trainedElements();
      FloatPointer[] scalars = o.scalars().stream().map(at::f32).toArray(FloatPointer[]::new);
      return () -> {
        average(gradients, n, stream);
        for (int i = 0; i < scalars.length; i++) {
          average(scalars[i], 1, stream);
        }
      };
    };
  }

  private void average(FloatPointer values, long count, CUstream_st stream) {
    check(
        ncclAllReduce(values, values, count, ncclFloat32, ncclAvg, communicator, stream),
        "averaging gradients");
  }

  @Override
  public void close() {
    ncclCommDestroy(communicator);
  }
}
