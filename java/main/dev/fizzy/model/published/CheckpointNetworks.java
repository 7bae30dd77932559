package dev.fizzy.model.published;

import dev.fizzy.file.FileException;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The networks of one or several checkpoints, each once; null for those that are missing. */
final class CheckpointNetworks {
  private final String prefix;
  private final boolean configured;
  private ModelConfig base;
  private final List<String> notes = new ArrayList<>();

  /** All tensors, and the metadata, of files that are already Fizzy models. */
  private final Map<String, StoredTensor> modelTensors = new LinkedHashMap<>();

  private final Map<String, String> modelMetadata = new LinkedHashMap<>();
  private boolean ownModel;
  private StoredTensor betas;
  private Map<String, StoredTensor> unet;
  private Map<String, StoredTensor> autoencoder;
  private Map<String, StoredTensor> recognizer;
  private HydraConfig hydra;

  /**
   * @param prefix of the tensors' names if a file contains a network twice; null to choose
   * @param base configuration for what shapes and Hydra do not determine; null for the published
   *     model
   */
  CheckpointNetworks(String prefix, ModelConfig base) {
    this.prefix = prefix;
    this.configured = base != null;
    this.base = configured ? base : ModelConfig.load("idiff-face");
  }

  /** Adds the networks of a file. */
  void add(TensorFile file) {
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
              + " tensors) contains no known network; "
              + KnownLayouts.nearest(Found.shapes(file.tensors())));
    }
    if (ModelFile.isModel(file)) {
      keep(file);
    } else if (net != null) {
      hydra = HydraConfig.of(file.path());
    }
    if (net != null) {
      unet = once(unet, net, "U-Net");
      betas = net.outside(Betas.NAME);
    }
    if (encoder != null || decoder != null) {
      addAutoencoder(encoder, decoder);
    }
  }

  /** Keeps the configuration, all tensors and the metadata of a Fizzy model. */
  private void keep(TensorFile file) {
    try (ModelFile ours = ModelFile.open(file.path())) { // verified
      if (ours.int8()) {
        throw new FileException(
            file.path()
                + " has int8 weights, which are not imported: write it with"
                + " `fizzy model convert --weights bf16` first");
      }
      ModelConfig its = ours.config();
      ownModel |= its.unet() != null;
      if (!configured) {
        base =
            new ModelConfig(
                its.name(),
                its.autoencoder() == null ? base.autoencoder() : its.autoencoder(),
                its.unet() == null ? base.unet() : its.unet(),
                its.unet() == null ? base.diffusion() : its.diffusion());
      }
      modelMetadata.putAll(ours.notes());
    }
    modelTensors.putAll(file.tensors());
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
            part.file().path() + " contains an " + name + ", and so does an earlier file");
      }
      part.tensors().forEach(autoencoder::putIfAbsent);
      noteAlternatives(
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
          found.file().path() + " contains a " + name + ", and so does an earlier file");
    }
    noteAlternatives(found, name);
    return found.tensors();
  }

  private void noteAlternatives(Found found, String name) {
    if (!found.otherPrefixes().isEmpty()) {
      notes.add(
          "the "
              + name
              + "'s weights are taken from "
              + quoted(found.prefix())
              + ", not from "
              + String.join(
                  ", ", found.otherPrefixes().stream().map(CheckpointNetworks::quoted).toList())
              + "; --prefix chooses another");
    }
  }

  private static String quoted(String prefix) {
    return prefix.isEmpty() ? "no prefix" : prefix;
  }

  Map<String, StoredTensor> unet() {
    return unet;
  }

  /** The autoencoder, or a half of it. */
  Map<String, StoredTensor> autoencoder() {
    return autoencoder;
  }

  Map<String, StoredTensor> recognizer() {
    return recognizer;
  }

  /** What shapes do not determine. */
  ImportSettings settings() {
    return new ImportSettings(base, configured || ownModel, hydra, betas);
  }

  /** The given configuration, or that of a Fizzy model among the files. */
  ModelConfig base() {
    return base;
  }

  HydraConfig hydra() {
    return hydra;
  }

  Map<String, StoredTensor> modelTensors() {
    return modelTensors;
  }

  Map<String, String> modelMetadata() {
    return modelMetadata;
  }

  /** What was chosen among several. */
  List<String> notes() {
    return notes;
  }
}
