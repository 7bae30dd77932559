package dev.fizzy.dataset.read;

import dev.fizzy.engine.Philox;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import dev.fizzy.image.degrade.Degradation;
import java.io.IOException;
import java.util.List;

/**
 * Every image of a labeled set, and after it its degradations, as PNG: image i is number i/(D+1) of
 * the set, changed by degradation i%(D+1) - 1, or as it is. The random numbers of an image depend
 * on the seed, its number in the set and the degradation's alone. Closing this object closes the
 * set.
 */
public final class DegradedImages extends ImagesOf<LabeledImages> implements LabeledImages {
  private final List<Degradation> degradations;
  private final long seed;

  public DegradedImages(LabeledImages source, List<Degradation> degradations, long seed) {
    super(source);
    this.degradations = List.copyOf(degradations);
    this.seed = seed;
  }

  private int each() {
    return degradations.size() + 1;
  }

  /** The degradation of an image; null for one as it is. */
  public Degradation degradation(int image) {
    int number = image % each();
    return number == 0 ? null : degradations.get(number - 1);
  }

  /** Name of the image that an image is made of. */
  public String original(int image) {
    return source.name(image / each());
  }

  @Override
  public int count() {
    return Math.multiplyExact(source.count(), each());
  }

  @Override
  public String name(int image) {
    Degradation change = degradation(image);
    return original(image) + (change == null ? "" : "-" + change.kind() + "-" + change.level());
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    return ImageEncoder.png(decode(image), null);
  }

  @Override
  public Rgb decode(int image) throws IOException {
    Rgb face = source.decode(image / each());
    Degradation change = degradation(image);
    return change == null ? face : change.of(face, new Philox(seed, Philox.Purpose.AUGMENT, image));
  }

  @Override
  public int classes() {
    return source.classes();
  }

  @Override
  public int label(int image) throws IOException {
    return source.label(image / each());
  }

  @Override
  public String className(int label) {
    return source.className(label);
  }
}
