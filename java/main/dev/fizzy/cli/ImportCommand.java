package dev.fizzy.cli;

import dev.fizzy.file.FileException;
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
      "Makes a model of published checkpoints: the U-Net of IDiff-Face and its kin in other widths,"
          + " the LDM VQ autoencoder (whole, or encoder and decoder apart).",
      "Takes PyTorch files, safetensors and .npz, told apart by content; prefixes such as module.,"
          + " eps_model., ema. and first_stage_model. are seen through, a Hydra config.yaml beside"
          + " the checkpoint is read. The checkpoint's own betas tell the noise schedule."
    },
    footer = {
      "",
      "Example:",
      "  fizzy import ema_averaged_model.ckpt first_stage_encoder_state_dict.pt \\",
      "      first_stage_decoder_state_dict.pt --out idiff-face.safetensors"
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
      description = "The model to write.")
  private Path out;

  @Option(
      names = "--config",
      paramLabel = "NAME|FILE",
      description =
          "Tells what neither shapes, betas nor Hydra do: image size, head width, groups, the"
              + " diffusion process; default: idiff-face.")
  private String config;

  @Option(
      names = "--prefix",
      paramLabel = "P",
      description =
          "Which weights, where a file holds a network twice, such as ema. or model.; default:"
              + " averaged ones.")
  private String prefix;

  @Option(
      names = "--type",
      defaultValue = "F32",
      description = "Type of the weights written, f32 or bf16; default: f32.")
  private Safetensors.Type type;

  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    Outputs.checkFile(out);
    if (type != Safetensors.Type.F32 && type != Safetensors.Type.BF16) {
      throw new FileException("models are written in f32 or bf16, not " + type);
    }
    List<TensorFile> open = new ArrayList<>();
    try {
      ModelImport model = new ModelImport(prefix, config == null ? null : ModelConfig.load(config));
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
