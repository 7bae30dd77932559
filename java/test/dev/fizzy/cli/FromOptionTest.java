package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.file.FileException;
import dev.fizzy.generation.Autoguidance;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded.Network;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FromOptionTest {
  @Test
  void aResumedRunDoesNotNeedTheFile() {
    StartOptions start = new StartOptions();
    start.from("none.safetensors");
    ModelConfig tiny = ModelConfig.load("tiny");
    assertThrows(FileException.class, () -> start.check(tiny, Network.UNET, false));
    start.check(tiny, Network.UNET, true);
    start.checkEncoder(null, true);
  }

  @Test
  void anotherEncoderIsNoticed() throws IOException {
    try (ModelFile autoencoder = ModelFile.open(TinyModel.autoencoder());
        ModelFile model = ModelFile.open(TinyModel.model());
        ModelFile other = DefaultModel.open()) {
      assertNull(Autoguidance.otherEncoder(autoencoder, model));
      assertNotNull(Autoguidance.otherEncoder(autoencoder, other));
    }
  }
}
