package dev.fizzy.recognition;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.FolderImages;
import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.profile.Trace;
import dev.fizzy.file.FileException;
import dev.fizzy.recognition.augment.RandAugment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaceFeedTest {
  private static final int PEOPLE = 25;
  private static final int SIZE = 12;

  @TempDir Path folder;

  @BeforeEach
  void pictures() throws IOException {
    for (int person = 0; person < PEOPLE; person++) {
      for (int image = 0; image < 2; image++) {
        Pictures.png(folder.resolve("p" + person + "/" + image + ".png"), SIZE, person * 2 + image);
      }
    }
  }

  private IdentityFaces faces(long memory) {
    return IdentityFaces.read(FolderImages.open(folder), SIZE, 2, 2, memory, done -> {});
  }

  @Test
  void batchesDoNotDependOnThreadsNorOnWhereTrainingBegan() {
    List<FaceFeed.Batch> whole = new ArrayList<>();
    try (FaceFeed feed = new FaceFeed(faces(1 << 20), RandAugment.published(), 8, 3, 1);
        Trace trace = Trace.start()) {
      double waited = 0;
      for (long step = 0; step < 14; step++) {
        whole.add(feed.take(step));
        waited += feed.waited();
      }
      trace.close();
      double least = trace.shares().get("wait") * trace.seconds();
      assertTrue(waited > least - 1e-9 && least > 0, "waited " + waited + " s, at least " + least);
      assertTrue(waited <= trace.seconds(), "waited " + waited + " s of " + trace.seconds());
    }
    // Nothing in memory: every face is decoded by the threads.
    try (FaceFeed feed = new FaceFeed(faces(0), RandAugment.published(), 8, 3, 4)) {
      for (int step : new int[] {9, 10, 11, 12, 13, 0, 1, 2}) {
        FaceFeed.Batch batch = feed.take(step);
        assertArrayEquals(whole.get(step).images(), batch.images(), "step " + step);
        assertArrayEquals(whole.get(step).labels(), batch.labels());
      }
    }
    assertFalse(Arrays.equals(whole.get(0).images(), whole.get(1).images()));
  }

  @Test
  void anEpochShowsEveryFaceOnce() {
    IdentityFaces faces = faces(1 << 20);
    int[] shown = new int[PEOPLE];
    try (FaceFeed feed = new FaceFeed(faces, null, 10, 3, 2)) {
      for (long step = 0; step < 5; step++) {
        for (int label : feed.take(step).labels()) {
          shown[label]++;
        }
      }
    }
    int[] twice = new int[PEOPLE];
    Arrays.fill(twice, 2);
    assertArrayEquals(twice, shown);
  }

  @Test
  void aFaceThatGoesBadStopsWithASentence() throws IOException {
    IdentityFaces faces = faces(0);
    Files.delete(folder.resolve("p7/1.png"));
    try (FaceFeed feed = new FaceFeed(faces, null, 10, 3, 2)) {
      FileException e =
          assertThrows(
              FileException.class,
              () -> {
                for (long step = 0; step < 5; step++) {
                  feed.take(step);
                }
              });
      assertTrue(e.getMessage().contains("p7/1.png"), e.getMessage());
    }
  }

  @Test
  void peopleWhoValidateDoNotTrain() {
    IdentityFaces faces = faces(1 << 20);
    IdentitySplit split = IdentitySplit.of(faces, 20, 5);
    assertEquals(5, split.training().identities().size());
    assertEquals(20, split.validation().identities().size());
    Set<String> all = new TreeSet<>(split.training().identities());
    assertTrue(all.addAll(split.validation().identities()));
    assertEquals(new TreeSet<>(faces.identities()), all);
    assertEquals(
        split.validation().identities(), IdentitySplit.of(faces, 20, 5).validation().identities());
    assertFalse(
        split
            .validation()
            .identities()
            .equals(IdentitySplit.of(faces, 20, 6).validation().identities()));
    assertThrows(EngineException.class, () -> IdentitySplit.of(faces, 19, 5));
    assertThrows(EngineException.class, () -> IdentitySplit.of(faces, 24, 5));
  }
}
