package dev.fizzy.image;

import java.io.IOException;

/** A file is not an image that can be used; the message is the reason, without the file's name. */
public final class ImageException extends IOException {
  public ImageException(String reason) {
    super(reason);
  }

  public ImageException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
