// Runs before anything is painted: a page that was chosen to be dark is never light for a moment.
{
  const chosen = localStorage.getItem('crafting-theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset['theme'] = chosen;
}
