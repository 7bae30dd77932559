package dev.fizzy.dataset.read;

import dev.fizzy.engine.Philox;
import dev.fizzy.image.Rgb;
import java.io.IOException;

/** Some images of a source, in the order given. Closing this object closes the source. */
public sealed class ChosenImages extends ImagesOf<ImageSource> permits ChosenLabels {
  private final int[] images;

  public ChosenImages(ImageSource source, int... images) {
    super(source);
    this.images = images.clone();
  }

  /** Images drawn by the seed: {@code count}, or all if there are fewer, in random order. */
  public static ChosenImages drawn(ImageSource source, int count, long seed) {
    Philox random = new Philox(seed, Philox.Purpose.SHUFFLE, 0);
    int all = source.count();
    return new ChosenImages(source, random.draw(Math.min(count, all), all));
  }

  @Override
  public int count() {
    return images.length;
  }

  @Override
  public String name(int image) {
    return source.name(images[image]);
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    return source.bytes(images[image]);
  }

  @Override
  public Rgb decode(int image) throws IOException {
    return source.decode(images[image]);
  }

  @Override
  public Rgb decode(int image, int size) throws IOException {
    return source.decode(images[image], size);
  }
}
