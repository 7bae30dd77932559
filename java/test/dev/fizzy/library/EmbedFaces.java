package dev.fizzy.library;

import dev.fizzy.identity.Embedder;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints the cosine of the first face and each of the others: EmbedFaces EMBEDDER FACE FACE... */
public final class EmbedFaces {
  public static void main(String[] args) throws IOException {
    try (Embedder embedder = Embedder.open(Path.of(args[0]))) {
      List<Rgb> faces = new ArrayList<>();
      for (int i = 1; i < args.length; i++) {
        faces.add(ImageDecoder.decode(Path.of(args[i])));
      }
      float[][] vectors = embedder.embed(faces);
      for (int i = 1; i < vectors.length; i++) {
        double cosine = 0;
        for (int k = 0; k < embedder.width(); k++) {
          cosine += vectors[0][k] * vectors[i][k];
        }
        System.out.printf(Locale.ROOT, "%.3f %s%n", cosine, args[i + 1]);
      }
    }
  }
}
