package dev.fizzy.recognition;

import dev.fizzy.identity.Contexts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much images of known people look like other photos of them: each identity was generated from
 * the embedding of one photo, and is compared with the other photos of that person. Unlike the
 * cosine to the context, this does not count what is only in that one photo or in that one
 * embedding, and any embedder can judge it.
 *
 * @param identities number of identities whose person has another photo
 * @param images mean over these identities of the mean cosine of an image and another photo
 * @param photo the same for the photo itself: what a perfect copy of the photo would have
 */
public record OtherPhotos(int identities, double images, double photo) {

  /**
   * @param faces named identity/image
   * @param contexts that the identities were generated from, to find their photos; null if the
   *     identities have the photos' names
   * @param photos real photos under the same embedder
   * @param people of the photos
   * @return null if no identity is of a person with two photos
   */
  public static OtherPhotos of(
      Contexts faces, Contexts contexts, Contexts photos, List<String> people) {
    Identities generated = Identities.of(faces.names());
    int[] context = contexts == null ? null : ContextOfIdentity.of(generated, contexts);
    Identities real = Identities.labeled(people);
    UnitRows images = new UnitRows(faces);
    UnitRows rows = new UnitRows(photos);
    int identities = 0;
    double ours = 0;
    double ideal = 0;
    for (int i = 0; i < generated.count(); i++) {
      String name = context == null ? generated.name(i) : contexts.name(context[i]);
      int photo = photos.indexOf(name);
      if (photo < 0 || real.size(real.owner(photo)) < 2) {
        continue;
      }
      int[] all = real.images(real.owner(photo));
      ideal += mean(rows, new int[] {photo}, rows, all, photo);
      ours += mean(images, generated.images(i), rows, all, photo);
      identities++;
    }
    return identities == 0
        ? null
        : new OtherPhotos(identities, ours / identities, ideal / identities);
  }

  private static double mean(UnitRows from, int[] images, UnitRows rows, int[] photos, int source) {
    double sum = 0;
    int pairs = 0;
    for (int image : images) {
      for (int photo : photos) {
        if (photo != source) {
          sum += from.cosine(image, rows, photo);
          pairs++;
        }
      }
    }
    return sum / pairs;
  }

  /**
   * The share of the way from strangers to the same person: 0 if the images resemble the person as
   * strangers do, 1 if as the person's own photos do.
   *
   * @param impostor mean cosine of photos of two people
   */
  public double fraction(double impostor) {
    return (images - impostor) / (photo - impostor);
  }

  /**
   * @param impostor mean cosine of photos of two people
   */
  public Map<String, Object> fields(double impostor) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("identities", identities);
    fields.put("images_mean", images);
    fields.put("photo_mean", photo);
    fields.put("impostor_mean", impostor);
    fields.put("fraction", fraction(impostor));
    return fields;
  }
}
