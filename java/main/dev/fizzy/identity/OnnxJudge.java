package dev.fizzy.identity;

import dev.fizzy.diffusion.Judge;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Tensor;
import dev.fizzy.file.Sha256;
import dev.fizzy.model.embedder.FrozenEmbedder;
import java.nio.file.Path;

/**
 * An ONNX embedder as judge.
 *
 * @param identity checksum of its file
 */
record OnnxJudge(FrozenEmbedder embedder, String identity) implements Judge {
  static OnnxJudge open(Path file) {
    return new OnnxJudge(FrozenEmbedder.open(file, null, null, "judge"), Sha256.of(file));
  }

  @Override
  public int width() {
    return embedder.width();
  }

  @Override
  public Tensor embed(Tensor faces) {
    return embedder.embed(faces);
  }

  @Override
  public void fill(Parameters parameters) {
    embedder.fill(parameters);
  }
}
