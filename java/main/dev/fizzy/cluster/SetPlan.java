package dev.fizzy.cluster;

/**
 * What a generated set costs on a cluster, before anything is drawn.
 *
 * @param images of the whole set
 * @param parts number of tasks
 * @param slots tasks that run at the same time, on all machines
 * @param machines number of machines
 * @param rate images/s of a task
 * @param imageBytes bytes of an encoded image
 */
public record SetPlan(
    long images, int parts, int slots, int machines, double rate, long imageBytes) {
  /** Header of the image, of its label, and the label, in blocks of 512 bytes. */
  private static final long TAR_OVERHEAD = 3 * 512;

  /** A line of a part's manifest: names, numbers and a checksum of 64 digits. */
  private static final long MANIFEST_LINE = 240;

  /**
   * Requests to the file system of a part with its two files and its receipt, see {@link Parts}: a
   * look for each, the upload, the rename and the looks after them.
   */
  private static final long REQUESTS = 26;

  /** Bytes of a WebDataset. */
  public long bytes() {
    return images * (imageBytes + TAR_OVERHEAD);
  }

  /** Bytes of the manifests of all parts. */
  public long manifestBytes() {
    return images * MANIFEST_LINE;
  }

  public long requests() {
    return parts * REQUESTS;
  }

  /** Seconds of one part. */
  public double partSeconds() {
    return (double) images / parts / rate;
  }

  /** Seconds of all parts; every slot draws the same number, rounded up. */
  public double seconds() {
    return Math.ceil((double) parts / slots) * partSeconds();
  }

  /** Images that are drawn again if a machine is lost: on average half of each of its parts. */
  public double lostImages() {
    return (double) slots / machines * images / parts / 2;
  }
}
