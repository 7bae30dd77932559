package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Weights;
import dev.fizzy.engine.kernels.Native.Backend;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Chooses the kernel of each operation on a device: its library's if there is one, otherwise ours.
 */
public final class DeviceKernels {
  private final Backend backend;
  private final Map<Class<?>, BiFunction<Operation, Weights, Kernel>> libraries = new HashMap<>();

  public DeviceKernels(Backend backend) {
    this.backend = backend;
  }

  public Backend backend() {
    return backend;
  }

  /** A library's kernel that needs only its addresses. */
  public <O extends Operation> void add(Class<O> type, Function<O, Kernel> maker) {
    libraries.put(type, (operation, weights) -> maker.apply(type.cast(operation)));
  }

  /** A library's kernel that reads weights. */
  public <O extends Operation> void addWeighted(
      Class<O> type, BiFunction<O, Weights, Kernel> maker) {
    libraries.put(type, (operation, weights) -> maker.apply(type.cast(operation), weights));
  }

  public Kernel prepare(Operation operation, Weights weights) {
    BiFunction<Operation, Weights, Kernel> maker = libraries.get(operation.getClass());
    return maker == null
        ? BackendKernels.prepare(backend, operation)
        : maker.apply(operation, weights);
  }
}
