package dev.capsule.repl.mcp;

import java.util.ArrayList;
import java.util.List;

/** What one client is offered, and the sessions that it has opened. */
final class Features {
  private final Sandboxes sandboxes;
  private final Tools tools;
  private final Resources resources;

  /**
   * @param lists whether files of sessions are listed: not if it is not known whose they are
   * @param onChanged run when the client was told of other tools before
   */
  Features(Grants grants, Programs programs, boolean lists, Runnable onChanged) {
    this.sandboxes = new Sandboxes(grants);
    this.tools = new Tools(ownTools(), programs, grants.ceiling(), onChanged);
    this.resources = new Resources(grants.files(), new SessionFiles(sandboxes, lists));
  }

  private List<Tool> ownTools() {
    List<Tool> own = new ArrayList<>();
    own.add(new CodeTool("python", "Python", sandboxes));
    own.add(new CodeTool("javascript", "JavaScript or TypeScript", sandboxes));
    own.addAll(new SessionTools(sandboxes).all());
    return own;
  }

  Tools tools() {
    return tools;
  }

  Resources resources() {
    return resources;
  }

  /** Closes the sessions. */
  void close() {
    sandboxes.close();
  }
}
