package dev.fizzy.model.embedder;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Transpose;
import dev.fizzy.file.FileException;
import dev.fizzy.model.onnx.OnnxNetwork;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A face embedder in an ONNX file, recorded in a graph from aligned faces to vectors. It is not
 * trained: its parameters are states, and gradients pass to the faces alone.
 *
 * <pre>{@code
 * FrozenEmbedder judge = FrozenEmbedder.open(file, null, null, "judge");
 * Tensor vectors = judge.embed(faces);              // while the graph is recorded
 * Parameters parameters = new Parameters(device, graph.parameters(), ...);
 * judge.fill(parameters);                           // after its other parameters were initialized
 * }</pre>
 */
public final class FrozenEmbedder {
  private final OnnxNetwork network;
  private final PresetOperations preparation;
  private final String feature;
  private final int width;

  private FrozenEmbedder(OnnxNetwork network, Preset preset, String feature, int width) {
    this.network = network;
    this.preparation = new PresetOperations(preset, network.prefix());
    this.feature = feature;
    this.width = width;
  }

  /**
   * Reads an embedder; throws {@link dev.fizzy.model.onnx.UnknownOperator} if the engine does not
   * compute one of its operators.
   *
   * @param preset how faces are prepared; null for the preset of a known file or the usual one of
   *     the input size
   * @param feature name of the output that is the vector; null where {@link OnnxFeature} chooses it
   * @param prefix begins the names of its parameters
   */
  public static FrozenEmbedder open(Path file, Preset preset, String feature, String prefix) {
    OnnxNetwork network = OnnxNetwork.open(file, prefix);
    Preset chosen = Preset.of(file, preset, network.width(), network.height());
    Set<String> outputs = new LinkedHashSet<>(network.outputs());
    if (outputs.contains(feature)) {
      outputs.retainAll(Set.of(feature));
    }
    Map<String, Integer> widths = network.valuesPerImage(chosen.height(), chosen.width(), outputs);
    String output = OnnxFeature.choose(file, widths, feature);
    return new FrozenEmbedder(network, chosen, output, widths.get(output));
  }

  public Preset preset() {
    return preparation.preset();
  }

  /** The name of the output that is the vector. */
  public String feature() {
    return feature;
  }

  /** Width of the vectors. */
  public int width() {
    return width;
  }

  /**
   * Vectors f32 [B,W], not normalized, and feature maps.
   *
   * @param maps the last feature map of each resolution [B,H,W,C], in the network's type
   */
  public record Features(Tensor vectors, List<Tensor> maps) {}

  /**
   * Records the embedder with gradients.
   *
   * @param faces RGB [B,S,S,3] in [-1,1], aligned to the ArcFace template, f32 or bf16; the network
   *     computes in their type. Where S is not the preset's size they are resized.
   * @return f32 [B,W], not normalized
   */
  public Tensor embed(Tensor faces) {
    return features(faces).vectors();
  }

  /** As {@link #embed}, with feature maps: for a perceptual loss. */
  public Features features(Tensor faces) {
    return record(faces, true, List.of());
  }

  /**
   * As {@link #features(Tensor)}, with other maps.
   *
   * @param names of the values that are the maps, outputs or values between the nodes; if empty,
   *     the last map of each resolution
   */
  public Features features(Tensor faces, List<String> names) {
    return record(faces, true, names);
  }

  /**
   * Records, without gradients, the last feature map of a quarter of the preset's height and width,
   * f32 [B, H W C].
   */
  public Tensor map(Tensor faces) {
    int height = preset().height() / 4;
    int width = preset().width() / 4;
    Tensor map =
        record(faces, false, List.of()).maps().stream()
            .filter(t -> t.dim(1) == height && t.dim(2) == width)
            .findFirst()
            .orElseThrow(
                () ->
                    new FileException(
                        "the embedder "
                            + network.path()
                            + " has no feature map of "
                            + height
                            + " x "
                            + width
                            + ", a quarter of its input"));
    int values = Math.toIntExact(map.elements() / map.dim(0));
    return Cast.of(Reshape.of(map, map.dim(0), values), DType.F32);
  }

  /** As {@link #embed}, without gradients, which is faster. */
  public Tensor infer(Tensor faces) {
    return record(faces, false, List.of()).vectors();
  }

  private Features record(Tensor faces, boolean differentiable, List<String> names) {
    if (faces.rank() != 4 || faces.dim(1) != faces.dim(2) || faces.dim(3) != 3) {
      throw new FileException(
          "the embedder " + network.path() + " takes faces [B,S,S,3], not " + faces);
    }
    Set<String> wanted = new LinkedHashSet<>(names);
    wanted.add(feature);
    OnnxNetwork.Outputs outputs = network.record(preparation.record(faces), differentiable, wanted);
    List<Tensor> maps =
        names.isEmpty() ? outputs.maps() : names.stream().map(outputs::tensor).toList();
    return new Features(vectors(outputs.tensor(feature)), maps);
  }

  /** Rows in ONNX's order, in which an image has its channels first. */
  private Tensor vectors(Tensor t) {
    Tensor rows = t;
    if (t.rank() == 4 && t.dim(1) * t.dim(2) > 1) {
      rows = Transpose.of(Reshape.of(t, t.dim(0), t.dim(1) * t.dim(2), t.dim(3)));
    }
    return Cast.of(Reshape.of(rows, t.dim(0), width), DType.F32);
  }

  /** Fills the VALUES of its parameters. */
  public void fill(Parameters parameters) {
    network.fill(parameters);
  }
}
