package dev.fizzy.identity;

import dev.fizzy.diffusion.Judge;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Tensor;
import dev.fizzy.file.FileException;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.RecognizerFile;
import java.nio.file.Path;

/**
 * A recognizer as judge.
 *
 * @param identity checksum of its weights
 */
record RecognizerJudge(Path file, IResNetConfig config, String identity) implements Judge {
  static RecognizerJudge open(Path file) {
    try (RecognizerFile recognizer = RecognizerFile.open(file)) {
      return new RecognizerJudge(file, recognizer.config(), recognizer.sha256());
    }
  }

  @Override
  public int width() {
    return config.embedding();
  }

  @Override
  public Tensor embed(Tensor faces) {
    if (config.size() != faces.dim(1)) {
      throw new FileException(
          "the judge "
              + file
              + " takes faces of "
              + config.size()
              + " pixels, the model makes "
              + faces.dim(1)
              + "; an ONNX embedder takes any size");
    }
    return new IResNet(faces.graph(), config, IResNet.Mode.FROZEN).embed(faces);
  }

  @Override
  public void fill(Parameters parameters) {
    try (RecognizerFile recognizer = RecognizerFile.open(file)) {
      Recognizer.fill(recognizer, parameters);
    }
  }
}
