package dev.fizzy.engine.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where the averages of gradients stand among the operations of a backward pass. */
class AllReduceTest {
  private static final int WIDTH = 4;
  private static final int LAYERS = 5;
  private static final long ONE_LAYER = (WIDTH * WIDTH + WIDTH) * Float.BYTES;

  /** Layers in sequence, whose gradients are computed from the last to the first. */
  private static Graph layers() {
    Graph g = new Graph(DType.F32);
    Tensor h = g.input("x", DType.F32, Stage.EVALUATION, 2, WIDTH);
    for (int i = 0; i < LAYERS; i++) {
      Parameter.Init init = Parameter.Init.normal(1);
      Tensor w = g.parameter(Parameter.of(i + ".weight", init, WIDTH, WIDTH));
      Tensor b = g.parameter(Parameter.of(i + ".bias", init, WIDTH));
      h = Linear.of(h, w, b, null);
    }
    Tensor target = g.input("target", DType.F32, Stage.EVALUATION, 2, WIDTH);
    g.backward(g.output(Loss.mse(h, target)));
    return g;
  }

  private static List<AllReduce> reductions(Graph g) {
    return g.nodes().stream()
        .map(Graph.Node::operation)
        .filter(AllReduce.class::isInstance)
        .map(AllReduce.class::cast)
        .toList();
  }

  /** The index of the last operation that writes one of the gradients of a bucket. */
  private static int written(Graph g, AllReduce bucket) {
    List<Graph.Node> nodes = g.nodes();
    return bucket.gradients().stream()
        .map(
            t ->
                nodes.stream()
                    .filter(n -> n.operation().outputs().contains(t))
                    .map(nodes::indexOf)
                    .max(Comparator.naturalOrder())
                    .orElseThrow())
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  @Test
  void aBucketIsAveragedAsSoonAsItsLastGradientIsThere() {
    Graph g = layers();
    Tensor loss = g.outputs().get(0);
    int before = g.nodes().size();
    AllReduce.of(g, List.of(loss), ONE_LAYER);
    List<AllReduce> all = reductions(g);
    assertEquals(LAYERS, all.size());
    assertEquals(before + LAYERS, g.nodes().size());
    List<Graph.Node> nodes = g.nodes();
    for (int i = 0; i < LAYERS; i++) {
      AllReduce bucket = all.get(i);
      int layer = LAYERS - 1 - i;
      Set<String> names = new HashSet<>();
      bucket.parameters().forEach(p -> names.add(p.name()));
      assertEquals(Set.of(layer + ".weight", layer + ".bias"), names);
      int at = nodes.indexOf(nodes.stream().filter(n -> n.operation() == bucket).findFirst().get());
      boolean last = i == LAYERS - 1;
      assertEquals(last, bucket.last());
      assertEquals(last ? List.of(loss) : List.of(), bucket.scalars());
      assertEquals(last ? nodes.size() - 1 : written(g, bucket) + 1, at, names.toString());
      // The backward pass of the earlier layers is still to come.
      assertTrue(last || at < written(g, all.get(i + 1)), "no overlap after " + names);
    }
  }

  @Test
  void bucketsHoldEveryTrainedParameterOnceAndStayBelowTheirSize() {
    for (long bytes : new long[] {1, ONE_LAYER + 16, 3 * ONE_LAYER, 1 << 20}) {
      Graph g = layers();
      g.parameter(Parameter.of("unused", Parameter.Init.ONES, 2));
      AllReduce.of(g, List.of(), bytes);
      List<Parameter> all = new ArrayList<>();
      for (AllReduce bucket : reductions(g)) {
        all.addAll(bucket.parameters());
        assertTrue(
            bucket.parameters().size() == 1
                || bucket.parameters().stream().mapToLong(Parameter::elements).sum() * Float.BYTES
                    <= bytes);
      }
      assertEquals(g.parameters().size(), all.size());
      assertEquals(new HashSet<>(g.parameters()), new HashSet<>(all));
    }
  }
}
