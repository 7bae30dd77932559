package dev.fizzy.diffusion;

import dev.fizzy.engine.Philox;
import java.util.Arrays;

/** Whose embedding a training face is conditioned on. */
public enum ContextSource {
  /** The face's own. It also tells pose, light and expression of that image. */
  SAME {
    @Override
    public Choice among(float[][] contexts, int[] people) {
      return (face, random) -> contexts[face];
    }
  },
  /**
   * That of another image of the person, drawn anew each time, so that the network can use only
   * what the images of a person share; the face's own for a person with one image.
   */
  OTHER {
    @Override
    public Choice among(float[][] contexts, int[] people) {
      int[][] images = images(people);
      return (face, random) -> {
        int[] own = images[people[face]];
        if (own.length == 1) {
          return contexts[face];
        }
        int other = own[random.nextInt(own.length - 1)];
        return contexts[other == face ? own[own.length - 1] : other];
      };
    }
  },
  /** The mean of the person's unit vectors, with the mean length of the vectors. */
  MEAN {
    @Override
    public Choice among(float[][] contexts, int[] people) {
      int[][] images = images(people);
      float[][] means = new float[images.length][];
      for (int person = 0; person < images.length; person++) {
        means[person] = mean(contexts, images[person]);
      }
      return (face, random) -> means[people[face]];
    }
  };

  /** Chooses the context of a face. */
  public interface Choice {
    /**
     * @param random draws the other image, where one is drawn
     */
    float[] of(int face, Philox random);
  }

  /**
   * @param contexts of each face
   * @param people the person of each face, counted from 0
   */
  public abstract Choice among(float[][] contexts, int[] people);

  /** The people, for the identity of a training, if contexts depend on them; otherwise empty. */
  public String people(int[] people) {
    return this == SAME ? "" : ", people " + Arrays.hashCode(people);
  }

  /** The faces of each person. */
  private static int[][] images(int[] people) {
    int[] counts = new int[Arrays.stream(people).max().orElse(-1) + 1];
    for (int person : people) {
      counts[person]++;
    }
    int[][] images = new int[counts.length][];
    for (int person = 0; person < counts.length; person++) {
      images[person] = new int[counts[person]];
    }
    for (int face = people.length - 1; face >= 0; face--) {
      images[people[face]][--counts[people[face]]] = face;
    }
    return images;
  }

  private static float[] mean(float[][] contexts, int[] faces) {
    if (faces.length == 1) {
      return contexts[faces[0]];
    }
    float[] sum = new float[contexts[faces[0]].length];
    double lengths = 0;
    for (int face : faces) {
      Vectors.add(sum, 0, contexts[face], 1);
      lengths += Vectors.length(contexts[face]);
    }
    float[] mean = new float[sum.length];
    Vectors.add(mean, 0, sum, lengths / faces.length);
    return mean;
  }
}
