package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaGraphDestroy;
import static org.bytedeco.cuda.global.cudart.cudaGraphExecDestroy;
import static org.bytedeco.cuda.global.cudart.cudaGraphInstantiate;
import static org.bytedeco.cuda.global.cudart.cudaGraphLaunch;
import static org.bytedeco.cuda.global.cudart.cudaStreamBeginCapture;
import static org.bytedeco.cuda.global.cudart.cudaStreamCaptureModeThreadLocal;
import static org.bytedeco.cuda.global.cudart.cudaStreamEndCapture;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Replay;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;

/**
 * A stage as one CUDA graph. The first run launches kernel by kernel, since libraries then load
 * their code, which is not allowed during capture; the second run is captured, and every later run
 * is one launch.
 */
final class CudaReplay implements Replay {
  /**
   * FIZZY_CUDA_SYNC=1: no graphs, and the host waits for each kernel, so that an error names it.
   */
  private static final boolean SYNCHRONOUS = "1".equals(System.getenv("FIZZY_CUDA_SYNC"));

  private final Runnable[] kernels;
  private final CUstream_st stream;
  private CUgraphExec_st executable;
  private boolean warm;

  CudaReplay(Runnable[] kernels, CUstream_st stream) {
    this.kernels = kernels;
    this.stream = stream;
  }

  @Override
  public void run() {
    if (kernels.length == 0) {
      return;
    }
    if (executable != null) {
      Cuda.check(cudaGraphLaunch(executable, stream), "launching a stage");
    } else if (SYNCHRONOUS || !warm) {
      launch();
      warm = true;
    } else {
      executable = capture();
      Cuda.check(cudaGraphLaunch(executable, stream), "launching a stage");
    }
  }

  private void launch() {
    try {
      for (Runnable kernel : kernels) {
        kernel.run();
        if (SYNCHRONOUS) {
          Cuda.check(cudaStreamSynchronize(stream), kernel.toString());
        }
      }
    } catch (EngineException e) {
      throw e;
    } catch (RuntimeException e) {
      throw Cuda.stopped(e.getMessage(), e);
    }
  }

  private CUgraphExec_st capture() {
    Cuda.check(
        cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "capturing a stage");
    CUgraph_st graph = new CUgraph_st();
    try {
      launch();
    } catch (RuntimeException e) {
      cudaStreamEndCapture(stream, graph);
      throw e;
    }
    Cuda.check(cudaStreamEndCapture(stream, graph), "capturing a stage");
    CUgraphExec_st result = new CUgraphExec_st();
    int status = cudaGraphInstantiate(result, graph, 0);
    cudaGraphDestroy(graph);
    Cuda.check(status, "instantiating the graph of a stage");
    return result;
  }

  @Override
  public void close() {
    if (executable != null) {
      cudaStreamSynchronize(stream);
      cudaGraphExecDestroy(executable);
      executable = null;
    }
  }
}
