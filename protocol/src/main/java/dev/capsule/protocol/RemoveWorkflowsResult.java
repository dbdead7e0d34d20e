package dev.capsule.protocol;

import java.util.List;

/** The ids of those removed. */
public record RemoveWorkflowsResult(List<String> removed) {}
