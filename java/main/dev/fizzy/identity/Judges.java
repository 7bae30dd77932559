package dev.fizzy.identity;

import dev.fizzy.diffusion.Judge;
import dev.fizzy.file.FileException;
import dev.fizzy.file.FileSignature;
import java.io.IOException;
import java.nio.file.Path;

/** Opens embedders as judges of a training. */
public final class Judges {
  private Judges() {}

  /** A recognizer trained by Fizzy or an ONNX network that the engine computes. */
  public static Judge open(Path file) {
    try {
      return FileSignature.of(file) == FileSignature.SAFETENSORS
          ? RecognizerJudge.open(file)
          : OnnxJudge.open(file);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }
}
