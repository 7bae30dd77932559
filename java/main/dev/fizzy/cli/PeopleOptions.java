package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.dataset.read.HoldOut;
import dev.fizzy.dataset.read.People;
import dev.fizzy.diffusion.ContextSource;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Contexts;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Mixin: who is on the training faces, and who is held out. */
final class PeopleOptions {
  private static final Logger log = LoggerFactory.getLogger(PeopleOptions.class);

  @Option(
      names = "--labels",
      paramLabel = "FILE.csv",
      description =
          "Identities of the faces: CSV with the columns file and identity; a face without an"
              + " identity is nobody else's; default: the faces' folders.")
  private Path labels;

  @Option(
      names = "--context-from",
      defaultValue = "same",
      paramLabel = "FACE",
      description =
          "Which context a face is trained with: same (its own), other (that of another image of"
              + " the person, drawn anew each time) or mean (the person's mean); a person with one"
              + " image has only its own; default: ${DEFAULT-VALUE}.")
  ContextSource contextFrom;

  @Option(
      names = "--holdout",
      paramLabel = "SHARE|N",
      description =
          "People who are never trained on, a share below 1 or a number: the same ones whatever the"
              + " seed. Their faces are listed in holdout.csv, one context of each person in"
              + " holdout.npy; default: none.")
  private HoldOut holdOut;

  @Option(
      names = "--validate-every",
      defaultValue = "1000",
      paramLabel = "STEPS",
      description =
          "Steps between measurements of the averaged weights on the people of --holdout; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 1)
  long validateEvery;

  /**
   * The faces to train on and those held out.
   *
   * @param training indices of faces
   * @param held indices of faces; empty without --holdout
   * @param people the person of every face
   */
  record Split(int[] training, int[] held, People people) {
    int[] trainingPeople() {
      return people.only(training).person();
    }

    int[] heldPeople() {
      return people.only(held).person();
    }
  }

  boolean holdsOut() {
    return holdOut != null;
  }

  Split split(FaceSet faces) {
    List<String> names = faces.names();
    List<String> identities =
        labels == null ? FaceLabels.byFolder(names) : FaceLabels.byTable(names, labels);
    People people = People.of(names, identities);
    if (contextFrom != ContextSource.SAME && people.count() == names.size()) {
      log.warn(
          "every person has one face, so --context-from {} is the same as same; --labels tells who"
              + " is on which face",
          contextFrom);
    }
    boolean[] held =
        holdOut == null ? new boolean[names.size()] : people.held(holdOut.of(people.count()));
    Split split =
        new Split(
            IntStream.range(0, held.length).filter(i -> !held[i]).toArray(),
            IntStream.range(0, held.length).filter(i -> held[i]).toArray(),
            people);
    if (holdOut != null) {
      log.info(
          "held out: {} people with {} of {} faces",
          people.only(split.held()).count(),
          split.held().length,
          names.size());
    }
    return split;
  }

  /** Writes who is held out: a table that --labels reads, and the context of each first face. */
  void write(Path folder, FaceSet faces, Split split, float[][] contexts) {
    if (holdOut == null) {
      return;
    }
    People held = split.people().only(split.held());
    List<String> names = new ArrayList<>();
    List<float[]> first = new ArrayList<>();
    StringWriter table = new StringWriter();
    Path file = folder.resolve("holdout.csv");
    try (CSVPrinter rows = new CSVPrinter(table, CSVFormat.DEFAULT)) {
      rows.printRecord("file", "identity");
      for (int i = 0; i < split.held().length; i++) {
        String face = faces.names().get(split.held()[i]);
        int person = held.person()[i];
        rows.printRecord(face, held.label(person));
        if (person == first.size()) {
          first.add(contexts[split.held()[i]]);
          names.add(face);
        }
      }
      AtomicFile.write(file, table.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw FileException.of("write", file, e);
    }
    if (first.get(0).length == 0) {
      return; // faces without contexts
    }
    new Contexts(names, first.toArray(float[][]::new)).write(folder.resolve("holdout.npy"));
  }
}
