package dev.fizzy.dataset.read;

/**
 * An input that is not used.
 *
 * @param name of the file, folder or image
 * @param reason the reason, without the name
 */
public record Skipped(String name, String reason) {
  @Override
  public String toString() {
    return (name + ": " + reason).replaceAll("\\p{Cntrl}", "?"); // a terminal would interpret them
  }
}
