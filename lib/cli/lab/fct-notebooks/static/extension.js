// An extension of JupyterLab, written by hand as the container that its loader expects. Figures are interactive and have
// their size from the first moment, looking at them changes no notebook, and a notebook that is opened while one of its
// cells runs goes on showing what the cell prints.
(() => {
  const PLOTLY = "application/vnd.plotly.v1+json";
  let shared = {};

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB["fct-notebooks"] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      await mendFigures();
      const { INotebookTracker } = await sharedModule("@jupyterlab/notebook");
      const activate = (_app, tracker) => tracker.widgetAdded.connect((_tracker, panel) => follow(panel));
      const plugin = { id: "fct-notebooks:plugin", autoStart: true, requires: [INotebookTracker], activate };
      return () => ({ __esModule: true, default: plugin });
    },
  };

  /** A package of JupyterLab itself. */
  async function sharedModule(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  /**
   * plotly's extension shows the picture of a figure at twice its size until the mouse enters, and then writes one of
   * another size into the notebook. Here it never sees the picture, and what it draws from or writes to is a copy.
   */
  async function mendFigures() {
    const { RenderedPlotly } = (await window._JUPYTERLAB["jupyterlab-plotly"].get("./mimeExtension"))();
    const { renderModel } = RenderedPlotly.prototype;
    RenderedPlotly.prototype.renderModel = function ({ data, metadata, trusted }) {
      const copy = { [PLOTLY]: structuredClone(data[PLOTLY]) };
      return renderModel.call(this, { data: copy, metadata, trusted, setData: () => {} });
    };
  }

  /** Shows in a notebook what cells print that were started by a page that is gone. */
  function follow(panel) {
    const { sessionContext, context } = panel;
    /** Where each display of a running cell stands among its outputs, by the cell's model. */
    const running = new Map();
    let inOrder = context.ready;
    sessionContext.iopubMessage.connect((_sender, message) => {
      const { cellId } = message.metadata;
      const isOurs = message.parent_header.session === sessionContext.session?.kernel?.clientId;
      if (cellId === undefined || isOurs) return;
      const cell = () => [...panel.content.model.cells].find(({ id, type }) => id === cellId && type === "code");
      inOrder = inOrder.then(() => take(cell(), message)).catch(console.error);
    });
    sessionContext.statusChanged.connect((_sender, status) => {
      if (["restarting", "autorestarting", "dead"].includes(status)) for (const cell of running.keys()) end(cell);
    });

    function end(cell) {
      if (running.delete(cell)) cell.executionState = "idle";
    }

    function take(cell, { header, content }) {
      if (cell === undefined) return;
      switch (header.msg_type) {
        case "execute_input":
          cell.outputs.clear();
          cell.executionCount = content.execution_count;
          cell.executionState = "running";
          running.set(cell, new Map());
          return;
        case "status":
          if (content.execution_state === "idle") end(cell);
          return;
        case "clear_output":
          cell.outputs.clear(content.wait);
          return;
        case "update_display_data": {
          const at = running.get(cell)?.get(content.transient.display_id);
          if (at !== undefined) cell.outputs.set(at, { ...content, output_type: "display_data" });
          return;
        }
        case "stream":
        case "error":
        case "execute_result":
        case "display_data":
          cell.outputs.add({ ...content, output_type: header.msg_type });
          running.get(cell)?.set(content.transient?.display_id, cell.outputs.length - 1);
      }
    }
  }
})();
