/* Search for pages that are opened from disk. Browsers start no worker at file://, so this one runs
   its script in a hidden frame. The name tells the offline plug-in that no shim has to be fetched. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.append(frame)
      const inside = (this.inside = frame.contentWindow)
      inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      inside.importScripts = async (...urls) => {
        for (const each of urls) await load(inside, each)
      }
      this.ready = load(inside, url)
    }

    async postMessage(data) {
      await this.ready
      this.inside.dispatchEvent(new MessageEvent("message", { data }))
    }

    terminate() {
      this.inside.frameElement.remove()
    }
  }

  const load = (inside, url) =>
    new Promise((loaded, failed) => {
      const script = inside.document.createElement("script")
      script.src = new URL(url, location.href)
      script.onload = loaded
      script.onerror = failed
      inside.document.body.append(script)
    })
}
