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

/**
 * Makes a model of published checkpoints. The networks are found by their tensors' names, under
 * whatever prefix; their configuration is read from the shapes, and what shapes do not tell from
 * the Hydra configuration beside the checkpoint, or from a configuration given.
 */
public final class ModelImport {
  private final String prefix;
  private final boolean given;
  private ModelConfig base;
  private final List<String> notes = new ArrayList<>();
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final List<String> networks = new ArrayList<>();

  /** By the name of a network: tensors under its prefix that are none of its own. */
  private final Map<String, List<String>> beside = new LinkedHashMap<>();

  /** Of models of ours: what they hold beside networks, and say of themselves. */
  private final Map<String, StoredTensor> more = new LinkedHashMap<>();

  private final Map<String, String> said = new LinkedHashMap<>();
  private boolean own;
  private StoredTensor betas;
  private Map<String, StoredTensor> unet;
  private Map<String, StoredTensor> autoencoder;
  private Map<String, StoredTensor> recognizer;
  private IResNetConfig recognizerConfig;
  private HydraConfig hydra;
  private ModelConfig config;

  /**
   * @param prefix of the tensors' names where a file holds a network twice; null to choose
   * @param base gives what neither shapes nor Hydra tell; null for the published model
   */
  public ModelImport(String prefix, ModelConfig base) {
    this.prefix = prefix;
    this.given = base != null;
    this.base = given ? base : ModelConfig.load("idiff-face");
  }

  /** Looks what a file holds; its tensors are read by {@link #write} alone. */
  public void add(TensorFile file) {
    Found net = Found.by(UNetShapes.SIGN, file, prefix);
    Found encoder = Found.by(AutoencoderShapes.ENCODER, file, net == null ? prefix : null);
    Found decoder = Found.by(AutoencoderShapes.DECODER, file, net == null ? prefix : null);
    Found face = Found.by(RecognizerShapes.SIGN, file, prefix);
    if (face != null && net == null && encoder == null && decoder == null) {
      recognizer = once(recognizer, face, "recognizer");
      return;
    }
    if (net == null && encoder == null && decoder == null) {
      throw new FileException(
          file.path()
              + " ("
              + file.format()
              + ", "
              + file.tensors().size()
              + " tensors) holds none of the networks that are known; "
              + KnownLayouts.nearest(Found.shapes(file.tensors())));
    }
    if (ModelFile.isModel(file)) {
      keep(file);
    } else if (net != null) {
      hydra = HydraConfig.beside(file.path());
    }
    if (net != null) {
      unet = once(unet, net, "U-Net");
      betas = net.outside(Betas.NAME);
    }
    if (encoder != null || decoder != null) {
      addAutoencoder(encoder, decoder);
    }
  }

  /** A model of ours tells its configuration itself, and nothing that it holds is lost. */
  private void keep(TensorFile file) {
    try (ModelFile ours = ModelFile.open(file.path())) { // verified
      ModelConfig its = ours.config();
      own |= its.unet() != null;
      if (!given) {
        base =
            new ModelConfig(
                its.name(),
                its.autoencoder() == null ? base.autoencoder() : its.autoencoder(),
                its.unet() == null ? base.unet() : its.unet(),
                its.unet() == null ? base.diffusion() : its.diffusion());
      }
      said.putAll(ours.notes());
    }
    more.putAll(file.tensors());
  }

  private void addAutoencoder(Found encoder, Found decoder) {
    if (autoencoder == null) {
      autoencoder = new LinkedHashMap<>();
    }
    for (Found part : new Found[] {encoder, decoder}) {
      if (part == null || part == decoder && encoder != null && same(encoder, decoder)) {
        continue;
      }
      String name = part == encoder ? "encoder" : "decoder";
      if (autoencoder.containsKey(name + ".conv_in.weight")) {
        throw new FileException(
            part.file().path() + " holds an " + name + ", and so did a file before");
      }
      part.tensors().forEach(autoencoder::putIfAbsent);
      told(
          part,
          encoder != null && decoder != null && same(encoder, decoder) ? "autoencoder" : name);
    }
  }

  private static boolean same(Found a, Found b) {
    return a.prefix().equals(b.prefix());
  }

  private Map<String, StoredTensor> once(
      Map<String, StoredTensor> before, Found found, String name) {
    if (before != null) {
      throw new FileException(
          found.file().path() + " holds a " + name + ", and so did a file before");
    }
    told(found, name);
    return found.tensors();
  }

  private void told(Found found, String name) {
    if (!found.passed().isEmpty()) {
      notes.add(
          "of the "
              + name
              + "'s weights under "
              + quoted(found.prefix())
              + " and "
              + String.join(", ", found.passed().stream().map(ModelImport::quoted).toList())
              + " the former are taken; --prefix chooses");
    }
  }

  private static String quoted(String prefix) {
    return prefix.isEmpty() ? "no prefix" : prefix;
  }

  /** Whether the files hold a recognizer; it makes a file of its own. */
  public boolean isRecognizer() {
    return recognizer != null;
  }

  /** Derives the recognizer's configuration and holds every tensor against it. */
  public IResNetConfig recognizerConfig() {
    if (recognizerConfig != null) {
      return recognizerConfig;
    }
    if (unet != null || autoencoder != null) {
      throw new FileException("a recognizer makes a file of its own; import it by itself");
    }
    Shapes shapes = new Shapes("an iResNet", Found.shapes(recognizer));
    recognizerConfig = RecognizerShapes.derive(shapes);
    take(recognizer, KnownLayouts.layout(recognizerConfig), "the recognizer");
    // Nothing reads the counters, but PyTorch's strict loading asks for them.
    recognizer.forEach(
        (name, tensor) -> {
          if (name.endsWith(Fit.COUNTER)) {
            tensors.put(name, tensor);
          }
        });
    tellWhatIsLeft();
    return recognizerConfig;
  }

  /** Derives the configuration and holds every tensor against it. */
  public ModelConfig config() {
    if (config != null) {
      return config;
    }
    VqAutoencoderConfig ae = null;
    Untold untold = new Untold(base, given || own, hydra, betas);
    untold.requireKnownCondition();
    int image = untold.imageSize();
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
              untold.unet(),
              ae != null ? ae.latentSize() : untold.latentSize(image),
              untold.tellsHeads());
      notes.addAll(untold.assumed(net));
    }
    // The part that is not there is the base's, where the two can go together.
    if (net == null && together(base.unet(), ae)) {
      net = base.unet();
    }
    if (ae == null && together(net, base.autoencoder())) {
      ae = base.autoencoder();
    }
    notes.addAll(untold.overruled());
    config = new ModelConfig(name(net, ae), ae, net, untold.diffusion());
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
            "there is no "
                + (encodes ? "decoder" : "encoder")
                + ": give its file too for a whole autoencoder");
      }
    }
    more.forEach(tensors::putIfAbsent);
    tellWhatIsLeft();
    return config;
  }

  private static boolean together(UNetConfig net, VqAutoencoderConfig ae) {
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
    beside.put(name, fit.beside());
    networks.add(name);
  }

  /** Notes what no network took: one may lie beside another under one prefix. */
  private void tellWhatIsLeft() {
    Set<String> known = new HashSet<>(tensors.keySet());
    beside.forEach(
        (name, all) -> {
          List<String> left = all.stream().filter(known::add).toList();
          if (!left.isEmpty()) {
            boolean one = left.size() == 1;
            notes.add(
                String.format(
                    "%d tensor%s beside %s %s left out (%s)",
                    left.size(), one ? "" : "s", name, one ? "is" : "are", Shapes.some(left)));
          }
        });
  }

  private String name(UNetConfig net, VqAutoencoderConfig ae) {
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

  /** The networks found, in words; after {@link #config}. */
  public List<String> networks() {
    return networks;
  }

  /** What a user should know: choices made, tensors left out. */
  public List<String> notes() {
    return notes;
  }

  /** The Hydra configuration that was read, or null. */
  public Path hydraFile() {
    return hydra == null ? null : hydra.file();
  }

  /** Tensors that will be written. */
  public int tensors() {
    return tensors.size();
  }

  /** Parameters that will be written. */
  public long elements() {
    return tensors.values().stream().mapToLong(StoredTensor::elements).sum();
  }

  /**
   * Reads the tensors and writes the model.
   *
   * @param type F32 or BF16
   * @param metadata further notes for people
   * @return the checksum of the weights
   */
  public String write(Path out, Safetensors.Type type, Map<String, String> metadata) {
    Map<String, String> all = new LinkedHashMap<>(said);
    all.putAll(metadata);
    return isRecognizer()
        ? RecognizerFile.write(out, recognizerConfig(), type, all, tensors)
        : ModelFile.write(out, config(), type, all, tensors);
  }
}
