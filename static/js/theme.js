/** The button that goes round the themes that it has a picture of. The server reads the cookie, so the next page starts right. */
export function startThemeSwitch() {
  const button = document.querySelector("[data-theme-switch]");
  if (!button) return;
  const themes = [...button.querySelectorAll("[data-theme-icon]")].map((icon) => icon.dataset.themeIcon);
  const show = (theme) => {
    button.dataset.now = theme;
    const label = button.dataset[`label${theme[0].toUpperCase()}${theme.slice(1)}`];
    button.setAttribute("aria-label", label);
    button.title = label;
  };
  show(document.documentElement.dataset.theme ?? "auto");
  button.addEventListener("click", () => {
    const theme = themes[(themes.indexOf(button.dataset.now) + 1) % themes.length];
    document.documentElement.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    show(theme);
    document.dispatchEvent(new CustomEvent("themechange", { detail: theme }));
  });
}
