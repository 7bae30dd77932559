package dev.fizzy.dataset.write;

/** Image {@code image} of identity number {@code identity}, both from 0. */
public record ImageKey(int identity, int image) {}
