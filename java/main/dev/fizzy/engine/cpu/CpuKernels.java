package dev.fizzy.engine.cpu;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Operation;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Which kernel computes which operation; the files named {@code *Kernels} each add theirs. */
final class CpuKernels {
  private final Map<Class<?>, BiFunction<Operation, Boolean, Kernel>> makers = new HashMap<>();

  CpuKernels() {
    OneDnnKernels.addTo(this);
    ElementwiseKernels.addTo(this);
    RandomKernels.addTo(this);
    OptimizerKernels.addTo(this);
    NormKernels.addTo(this);
    RecognitionKernels.addTo(this);
    MarginKernels.addTo(this);
    ShapeKernels.addTo(this);
    LossKernels.addTo(this);
    AttentionKernels.addTo(this);
    QuantizeKernels.addTo(this);
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
      throw new EngineException("the cpu has no kernel for " + operation.name());
    }
    return maker.apply(operation, packed);
  }
}
