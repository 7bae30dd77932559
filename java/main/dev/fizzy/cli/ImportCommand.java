package dev.fizzy.cli;

import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.published.ModelImport;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "import",
    description = {
      "Converts published checkpoints to a model: the U-Net of IDiff-Face, also in other widths,"
          + " and the VQ autoencoder of LDM (in one file, or encoder and decoder in two).",
      "Reads PyTorch files, safetensors and .npz, recognized by their content. Prefixes such as"
          + " module., eps_model., ema. and first_stage_model. are removed. A Hydra config.yaml"
          + " next to the checkpoint is read. The checkpoint's own betas tell the noise schedule."
    },
    footer = {
      "",
      "Example:",
      "  fizzy import ema_averaged_model.ckpt first_stage_encoder_state_dict.pt"
          + " first_stage_decoder_state_dict.pt --out idiff-face.safetensors"
    })
final class ImportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Checkpoints that make up one model.")
  private List<Path> files;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "MODEL",
      description = "Model file to write.")
  private Path out;

  @Option(
      names = "--config",
      paramLabel = "NAME|FILE",
      description =
          "Configuration for what the checkpoint's tensors and Hydra configuration do not"
              + " determine: image size, head width, groups, diffusion process; default:"
              + " idiff-face.")
  private String config;

  @Option(
      names = "--prefix",
      paramLabel = "P",
      description =
          "Prefix of the weights to import if a file contains a network twice, such as ema. or"
              + " model.; default: the averaged weights.")
  private String prefix;

  @Option(
      names = "--type",
      defaultValue = "F32",
      description = "Type of the written weights, f32 or bf16; default: f32.")
  private Safetensors.Type type;

  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    Outputs.checkFile(out);
    if (type != Safetensors.Type.F32 && type != Safetensors.Type.BF16) {
      throw new OptionException("--type must be f32 or bf16, not " + type);
    }
    List<TensorFile> open = new ArrayList<>();
    try {
      ModelImport model =
          new ModelImport(
              prefix,
              config == null
                  ? null
                  : OptionTypes.config(config, ModelConfig.SHIPPED, ModelConfig::load));
      for (Path file : files) {
        TensorFile opened = TensorFile.open(file);
        open.add(opened);
        model.add(opened);
      }
      String made = model.isRecognizer() ? model.recognizerConfig().name() : model.config().name();
      Map<String, String> notes = new LinkedHashMap<>();
      notes.put(
          "imported_from",
          String.join(", ", files.stream().map(f -> f.getFileName().toString()).toList()));
      String sha256 = model.write(out, type, notes);
      print(model, made, sha256);
    } finally {
      open.forEach(TensorFile::close);
    }
    return 0;
  }

  private void print(ModelImport model, String made, String sha256) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("out", out.toString());
    json.put("config", made);
    json.put("networks", model.networks());
    json.put("tensors", model.tensors());
    json.put("parameters", model.elements());
    json.put("sha256", sha256);
    json.put("notes", model.notes());
    if (model.hydraFile() != null) {
      json.put("hydra", model.hydraFile().toString());
    }
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s (%s): %,d tensors, %,d parameters in %s",
            String.join(" and ", model.networks()),
            made,
            model.tensors(),
            model.elements(),
            out));
    if (model.hydraFile() != null) {
      text.append(System.lineSeparator()).append("read ").append(model.hydraFile());
    }
    model.notes().forEach(note -> text.append(System.lineSeparator()).append(note));
    output.print(json, text.toString());
  }
}
