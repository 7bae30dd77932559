package dev.fizzy.image;

import java.io.IOException;

/** A file is not a usable image; the message is the reason, without the file name. */
public final class ImageException extends IOException {
  public ImageException(String reason) {
    super(reason);
  }

  public ImageException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
