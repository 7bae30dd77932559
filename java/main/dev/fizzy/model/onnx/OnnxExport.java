package dev.fizzy.model.onnx;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Writes a recorded network as ONNX (operator set 17, f32) with a free batch. Images are
 * [batch,C,H,W], tokens [batch,T,C], rows [batch,W]; weights keep their published names. A file is
 * limited to 2 GiB by the format.
 */
public final class OnnxExport {
  /** The name of the output. */
  public static final String OUTPUT = "y";

  private OnnxExport() {}

  /**
   * @param record records the network at a batch size, f32; its first output is written
   * @param weights a parameter's values in its own shape
   * @param names the ONNX name of an input of the graph
   * @param metadata notes stored in the file
   * @return nodes written
   */
  public static int write(
      Path file,
      String name,
      Function<Integer, Graph> record,
      Function<Parameter, float[]> weights,
      UnaryOperator<String> names,
      Map<String, String> metadata) {
    Graph graph = record.apply(2);
    Graph other = record.apply(3);
    if (graph.nodes().size() != other.nodes().size()) {
      throw new EngineException("the network has other operations at another batch size");
    }
    OnnxGraph g = new OnnxGraph(graph, other, weights);
    graph
        .inputs()
        .forEach(
            (input, t) -> {
              g.model().input(names.apply(input), extents(g, t));
              if (image(t)) {
                g.setFirst(t, names.apply(input));
              } else {
                g.setLast(t, names.apply(input));
              }
            });
    OnnxNodes nodes = new OnnxNodes(g);
    for (Graph.Node node : graph.nodes()) {
      g.scope(node.scope());
      nodes.add(node.operation());
    }
    g.scope("");
    Tensor y = graph.outputs().get(0);
    g.model().output(OUTPUT, extents(g, y));
    String value = image(y) ? g.first(y) : g.last(y);
    g.model().node("Identity", "", List.of(value), List.of(OUTPUT), Map.of());
    g.model().write(file, name, metadata);
    return g.model().nodes();
  }

  private static boolean image(Tensor t) {
    return t.rank() == 4;
  }

  private static int[] extents(OnnxGraph g, Tensor t) {
    return Arrays.stream(image(t) ? g.shapeFirst(t) : g.shape(t))
        .mapToInt(Math::toIntExact)
        .toArray();
  }
}
