package dev.fizzy.dataset.read;

import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Resampler;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.util.List;

/**
 * Decoded faces as a source.
 *
 * @param location for messages
 */
public record FacesInMemory(String location, List<String> names, List<Rgb> faces)
    implements ImageSource {
  @Override
  public int count() {
    return faces.size();
  }

  @Override
  public String name(int image) {
    return names.get(image);
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    return ImageEncoder.png(faces.get(image), null);
  }

  @Override
  public Rgb decode(int image) {
    return faces.get(image);
  }

  @Override
  public Rgb decode(int image, int size) {
    return Resampler.resize(faces.get(image).square(), size, size);
  }

  @Override
  public String toString() {
    return location;
  }
}
