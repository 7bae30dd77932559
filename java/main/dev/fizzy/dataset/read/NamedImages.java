package dev.fizzy.dataset.read;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Images of a packed set with unique names {@code identity/image}, as in a folder, because names in
 * packed sets are often not unique. A '/' in the name of an identity becomes '_'. An image without
 * a label cannot be read.
 */
public final class NamedImages extends ImagesOf<LabeledImages> {
  private final String[] names;

  /** Reads every label. Closing this object closes the source. */
  public static NamedImages of(LabeledImages source) {
    return new NamedImages(source);
  }

  private NamedImages(LabeledImages source) {
    super(source);
    names = new String[source.count()];
    Set<String> used = new HashSet<>();
    for (int i = 0; i < names.length; i++) {
      String wanted = folder(i) + file(source.name(i));
      names[i] = wanted;
      for (int n = 2; !used.add(names[i]); n++) {
        names[i] = wanted + "#" + n;
      }
    }
  }

  private String folder(int image) {
    try {
      return source.className(source.label(image)).replace('/', '_') + "/";
    } catch (IOException e) {
      return ""; // reported when the image is read
    }
  }

  private static String file(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  @Override
  public int count() {
    return names.length;
  }

  @Override
  public String name(int image) {
    return names[image];
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    source.label(image);
    return source.bytes(image);
  }
}
