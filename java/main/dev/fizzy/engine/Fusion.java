package dev.fizzy.engine;

import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Upsample;
import dev.fizzy.engine.op.UpsampledConvolution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Replaces pairs of recorded operations by one that computes less, for inference: an upsampling
 * whose only reader is a 3x3 convolution becomes an {@link UpsampledConvolution}. Stage MODEL stays
 * as it is: it runs before weights are packed, and this operation reads packed weights only.
 */
final class Fusion {
  private Fusion() {}

  /** The operations of a graph in their order, fused. */
  static List<Graph.Node> of(Graph graph) {
    Map<Tensor, Integer> readers = new HashMap<>();
    graph.outputs().forEach(t -> readers.merge(t, 1, Integer::sum));
    for (Graph.Node node : graph.nodes()) {
      node.operation().inputs().forEach(t -> readers.merge(t, 1, Integer::sum));
    }
    Map<Tensor, Graph.Node> upsampled = new HashMap<>();
    List<Graph.Node> fused = new ArrayList<>();
    for (Graph.Node node : graph.nodes()) {
      Operation one = null;
      if (node.stage() != Stage.MODEL
          && node.operation() instanceof Upsample o
          && readers.getOrDefault(o.y(), 0) == 1) {
        upsampled.put(o.y(), node);
      } else if (node.operation() instanceof Convolution o && upsampled.containsKey(o.x())) {
        Graph.Node before = upsampled.get(o.x());
        one = UpsampledConvolution.of((Upsample) before.operation(), o);
        if (one != null) {
          fused.remove(before);
        }
      }
      fused.add(one == null ? node : new Graph.Node(one, node.scope(), node.stage()));
    }
    return fused;
  }
}
