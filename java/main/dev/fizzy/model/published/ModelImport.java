package dev.fizzy.model.published;

import dev.fizzy.file.FileException;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.Recorded.Network;
import dev.fizzy.model.UNetConfig;
import dev.fizzy.model.VqAutoencoderConfig;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Converts published checkpoints to a model. The networks are recognized by the names of their
 * tensors, under any prefix. Their configuration is derived from the tensor shapes; what shapes do
 * not determine comes from {@link ImportSettings}.
 */
public final class ModelImport {
  private final CheckpointNetworks checkpoint;
  private final List<String> notes = new ArrayList<>();
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final List<String> networks = new ArrayList<>();

  /** By network: names of tensors under its prefix that do not belong to it. */
  private final Map<String, List<String>> unusedTensors = new LinkedHashMap<>();

  private IResNetConfig recognizerConfig;
  private ModelConfig config;

  /**
   * @param prefix of the tensors' names if a file contains a network twice; null to choose
   * @param base configuration for what shapes and Hydra do not determine; null for the published
   *     model
   */
  public ModelImport(String prefix, ModelConfig base) {
    checkpoint = new CheckpointNetworks(prefix, base);
  }

  /** Adds the networks of a file; {@link #write} reads the tensors. */
  public void add(TensorFile file) {
    checkpoint.add(file);
  }

  /** Whether the files contain a recognizer, which is written as a recognizer file. */
  public boolean isRecognizer() {
    return checkpoint.recognizer() != null;
  }

  /** Derives the recognizer's configuration and checks every tensor against it. */
  public IResNetConfig recognizerConfig() {
    if (recognizerConfig != null) {
      return recognizerConfig;
    }
    if (checkpoint.unet() != null || checkpoint.autoencoder() != null) {
      throw new FileException("a recognizer cannot be part of a model; import it separately");
    }
    Map<String, StoredTensor> recognizer = checkpoint.recognizer();
    Shapes shapes = new Shapes("an iResNet", Found.shapes(recognizer));
    recognizerConfig = RecognizerShapes.derive(shapes);
    take(recognizer, KnownLayouts.layout(recognizerConfig), "the recognizer");
    // The counters are unused, but PyTorch's strict loading needs them.
    recognizer.forEach(
        (name, tensor) -> {
          if (name.endsWith(Fit.COUNTER)) {
            tensors.put(name, tensor);
          }
        });
    noteUnusedTensors();
    return recognizerConfig;
  }

  /** Derives the configuration and checks every tensor against it. */
  public ModelConfig config() {
    if (config != null) {
      return config;
    }
    VqAutoencoderConfig ae = null;
    ModelConfig base = checkpoint.base();
    Map<String, StoredTensor> unet = checkpoint.unet();
    Map<String, StoredTensor> autoencoder = checkpoint.autoencoder();
    ImportSettings settings = checkpoint.settings();
    settings.requireKnownCondition();
    int image = settings.imageSize();
    if (autoencoder != null) {
      Shapes shapes = new Shapes("a VQ autoencoder", Found.shapes(autoencoder));
      ae = AutoencoderShapes.derive(shapes, base.autoencoder(), image);
    }
    UNetConfig net = null;
    if (unet != null) {
      Shapes shapes = new Shapes("the U-Net", Found.shapes(unet));
      net =
          UNetShapes.derive(
              shapes,
              settings.unet(),
              ae != null ? ae.latentSize() : settings.latentSize(image),
              settings.hasHeadWidth());
      notes.addAll(settings.assumed(net));
    }
    // A missing part is configured as in the base configuration if the two are compatible.
    if (net == null && compatible(base.unet(), ae)) {
      net = base.unet();
    }
    if (ae == null && compatible(net, base.autoencoder())) {
      ae = base.autoencoder();
    }
    notes.addAll(settings.overruled());
    config = new ModelConfig(name(net, ae), ae, net, settings.diffusion());
    take(unet, Network.UNET, "the U-Net");
    if (autoencoder != null) {
      boolean encodes = autoencoder.containsKey(AutoencoderShapes.ENCODER);
      boolean decodes = autoencoder.containsKey(AutoencoderShapes.DECODER);
      take(
          autoencoder,
          encodes && decodes ? Network.AUTOENCODER : encodes ? Network.ENCODER : Network.DECODER,
          encodes && decodes
              ? "the autoencoder"
              : encodes ? "the autoencoder's encoder" : "the autoencoder's decoder");
      if (!encodes || !decodes) {
        notes.add(
            "the "
                + (encodes ? "decoder" : "encoder")
                + " is missing: name its file too to import the whole autoencoder");
      }
    }
    checkpoint.modelTensors().forEach(tensors::putIfAbsent);
    noteUnusedTensors();
    return config;
  }

  private static boolean compatible(UNetConfig net, VqAutoencoderConfig ae) {
    return net != null
        && ae != null
        && net.size() == ae.latentSize()
        && net.latentChannels() == ae.zChannels();
  }

  private void take(Map<String, StoredTensor> from, Network network, String name) {
    if (from == null) {
      return;
    }
    take(from, KnownLayouts.layout(config, network), name);
  }

  private void take(Map<String, StoredTensor> from, Map<String, long[]> layout, String name) {
    Fit fit = Fit.of(layout, Found.shapes(from));
    fit.require(name, "the checkpoint");
    layout.keySet().forEach(tensor -> tensors.put(tensor, from.get(tensor)));
    unusedTensors.put(name, fit.unrelated());
    networks.add(name);
  }

  /** Notes the tensors that no network uses; several networks may share a prefix. */
  private void noteUnusedTensors() {
    Set<String> known = new HashSet<>(tensors.keySet());
    unusedTensors.forEach(
        (name, all) -> {
          List<String> left = all.stream().filter(known::add).toList();
          if (!left.isEmpty()) {
            boolean one = left.size() == 1;
            notes.add(
                String.format(
                    "%d tensor%s next to %s %s skipped (%s)",
                    left.size(), one ? "" : "s", name, one ? "is" : "are", Shapes.some(left)));
          }
        });
  }

  private String name(UNetConfig net, VqAutoencoderConfig ae) {
    ModelConfig base = checkpoint.base();
    if (Objects.equals(base.unet(), net) && Objects.equals(base.autoencoder(), ae)) {
      return base.name();
    }
    for (String shipped : List.of("idiff-face", "idiff-face-adagn")) {
      ModelConfig known = ModelConfig.load(shipped);
      if (known.unet().equals(net) && known.autoencoder().equals(ae)) {
        return shipped;
      }
    }
    return "imported";
  }

  /** Names of the networks found; call after {@link #config}. */
  public List<String> networks() {
    return networks;
  }

  /** Notes for the user: choices made, tensors skipped. */
  public List<String> notes() {
    return Stream.concat(checkpoint.notes().stream(), notes.stream()).toList();
  }

  /** The Hydra configuration that was read, or null. */
  public Path hydraFile() {
    return checkpoint.hydra() == null ? null : checkpoint.hydra().file();
  }

  /** Number of tensors to write. */
  public int tensors() {
    return tensors.size();
  }

  /** Number of parameters to write. */
  public long elements() {
    return tensors.values().stream().mapToLong(StoredTensor::elements).sum();
  }

  /**
   * Reads the tensors and writes the model.
   *
   * @param type F32 or BF16
   * @param metadata additional metadata
   * @return the checksum of the weights
   */
  public String write(Path out, Safetensors.Type type, Map<String, String> metadata) {
    Map<String, String> all = new LinkedHashMap<>(checkpoint.modelMetadata());
    all.putAll(metadata);
    return isRecognizer()
        ? RecognizerFile.write(out, recognizerConfig(), type, all, tensors)
        : ModelFile.write(out, config(), type, all, tensors);
  }
}
