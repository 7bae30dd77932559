package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * Replaces the gradients of some trained parameters, a bucket, by their mean over the devices of a
 * group. A bucket starts when its last gradient has been computed and is averaged while the
 * backward pass goes on; the last of a graph also averages the given scalars and ends when all
 * buckets have ended. (Li et al. 2020, PyTorch Distributed)
 *
 * @param parameters of the bucket
 * @param gradients theirs, as far as the losses depend on them
 * @param scalars f32 [1] each, averaged in place
 * @param last whether the operations after it may read all means
 * @param token an output that gives the operation its place in the order; never read
 */
public record AllReduce(
    List<Parameter> parameters,
    List<Tensor> gradients,
    List<Tensor> scalars,
    boolean last,
    Tensor token)
    implements Operation {
  /** Of a bucket: enough for the full bandwidth between devices, little beside all gradients. */
  private static final long BUCKET_BYTES = 25L << 20;

  /** Call it after the gradients have been recorded and before the optimizer. */
  public static void of(Graph g, Collection<Tensor> scalars) {
    of(g, scalars, BUCKET_BYTES);
  }

  /**
   * @param bucketBytes a bucket holds as many gradients as these bytes hold, at least one
   */
  public static void of(Graph g, Collection<Tensor> scalars, long bucketBytes) {
    for (Tensor scalar : scalars) {
      if (scalar.elements() != 1 || scalar.type() != DType.F32) {
        throw new EngineException("all_reduce: " + scalar + " is not an f32 scalar");
      }
    }
    // The backward pass reaches the last layers first.
    List<Parameter> backwards =
        new ArrayList<>(g.parameters().stream().filter(Parameter::trained).toList());
    Collections.reverse(backwards);
    List<Parameter> bucket = new ArrayList<>();
    long bytes = 0;
    for (Parameter p : backwards) {
      long own = p.elements() * Float.BYTES;
      if (!bucket.isEmpty() && bytes + own > bucketBytes) {
        record(g, bucket, List.of(), false);
        bucket.clear();
        bytes = 0;
      }
      bucket.add(p);
      bytes += own;
    }
    record(g, bucket, List.copyOf(scalars), true);
  }

  private static void record(Graph g, List<Parameter> bucket, List<Tensor> scalars, boolean last) {
    List<Tensor> gradients =
        bucket.stream().map(p -> g.gradientOf(g.parameter(p))).filter(Objects::nonNull).toList();
    Tensor token = g.local("all_reduce", DType.F32, List.of(), 1);
    AllReduce reduce = new AllReduce(List.copyOf(bucket), gradients, scalars, last, token);
    if (last) {
      g.record(reduce);
    } else {
      g.recordAfter(gradients, reduce);
    }
  }

  @Override
  public List<Tensor> inputs() {
    List<Tensor> all = new ArrayList<>(gradients);
    all.addAll(scalars);
    return all;
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(token);
  }

  private long weights() {
    return parameters.stream().mapToLong(Parameter::elements).sum();
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
