package dev.fizzy.library;

import dev.fizzy.diffusion.Sampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.identity.ContextDistribution;
import dev.fizzy.identity.Contexts;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import dev.fizzy.image.SyntheticOrigin;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Draws two images of each of two people who do not exist: DrawFaces FOLDER. */
public final class DrawFaces {
  public static void main(String[] args) throws IOException {
    long seed = 9;
    int images = 2;
    SamplingSettings settings =
        new SamplingSettings(Sampler.of("dpm++"), 20, 3, true, images, DType.F32);
    try (Device device = Devices.cpu();
        ModelFile model = DefaultModel.open();
        FaceSampler sampler = FaceSampler.open(device, model, settings)) {
      Contexts people = ContextDistribution.of(model).draw(2, seed);
      for (int p = 0; p < people.size(); p++) {
        int person = p;
        List<Rgb> faces =
            sampler.draw(
                IntStream.range(0, images)
                    .mapToObj(image -> new FaceSampler.Face(people.vector(person), person, image))
                    .toList(),
                seed);
        for (int image = 0; image < images; image++) {
          SyntheticOrigin origin =
              new SyntheticOrigin(seed, people.name(person), image, model.sha256());
          Path file = Path.of(args[0], people.name(person) + "-" + image + ".png");
          Files.write(file, ImageEncoder.png(faces.get(image), origin));
        }
      }
    }
  }
}
