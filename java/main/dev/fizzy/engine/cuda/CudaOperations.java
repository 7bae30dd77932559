package dev.fizzy.engine.cuda;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.op.AllReduce;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.bytedeco.cuda.cudart.CUstream_st;

/** Which kernel computes which operation; the files named {@code *Kernels} each add theirs. */
final class CudaOperations {
  private final Map<Class<?>, BiFunction<Operation, Boolean, Kernel>> makers = new HashMap<>();
  private final CUstream_st stream;

  /**
   * @param member the device's place in a group, or null
   */
  CudaOperations(CUstream_st stream, Cudnn cudnn, CublasLt cublas, NcclMember member) {
    this.stream = stream;
    ConvolutionKernels.addTo(this, cudnn);
    MatrixKernels.addTo(this, cublas);
    ElementwiseKernels.addTo(this);
    RandomKernels.addTo(this);
    OptimizerKernels.addTo(this);
    NormKernels.addTo(this);
    ShapeKernels.addTo(this);
    LossKernels.addTo(this);
    AttentionKernels.addTo(this);
    QuantizeKernels.addTo(this);
    RecognitionKernels.addTo(this);
    MarginKernels.addTo(this);
    if (member != null) {
      add(AllReduce.class, o -> member.allReduce(o, stream));
    }
  }

  CUstream_st stream() {
    return stream;
  }

  /** A kernel that needs nothing but its addresses. */
  <O extends Operation> void add(Class<O> type, Function<O, Kernel> maker) {
    makers.put(type, (operation, packed) -> maker.apply(type.cast(operation)));
  }

  /** A kernel that packs its weights once a model where it may. */
  <O extends Operation> void addPacked(Class<O> type, BiFunction<O, Boolean, Kernel> maker) {
    makers.put(type, (operation, packed) -> maker.apply(type.cast(operation), packed));
  }

  Kernel prepare(Operation operation, boolean packed) {
    BiFunction<Operation, Boolean, Kernel> maker = makers.get(operation.getClass());
    if (maker == null) {
      throw new EngineException("the GPU has no kernel for " + operation.name());
    }
    return maker.apply(operation, packed);
  }
}
