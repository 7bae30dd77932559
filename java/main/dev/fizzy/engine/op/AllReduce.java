package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Tensor;
import java.util.Collection;
import java.util.List;

/**
 * Replaces the gradients of all trained parameters, and the given scalars, by their mean over the
 * devices of a group. Record it after the gradients and before the optimizer.
 *
 * @param scalars f32 [1] each, averaged in place
 * @param token an output that gives the operation its place in the order; never read
 */
public record AllReduce(List<Tensor> scalars, Tensor token) implements Operation {
  public static void of(Graph g, Collection<Tensor> scalars) {
    for (Tensor scalar : scalars) {
      if (scalar.elements() != 1 || scalar.type() != DType.F32) {
        throw new EngineException("all_reduce: " + scalar + " is not an f32 scalar");
      }
    }
    List<Tensor> all = List.copyOf(scalars);
    g.record(new AllReduce(all, g.local("all_reduce", DType.F32, all, 1)));
  }

  @Override
  public List<Tensor> inputs() {
    return scalars;
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(token);
  }

  private long weights() {
    return token.graph().parameters().stream().mapToLong(Parameter::elements).sum();
  }

  @Override
  public long flops() {
    return weights();
  }

  /** Read and written once on each device; about as many bytes cross between devices. */
  @Override
  public long bytes() {
    return 2 * Float.BYTES * weights();
  }
}
